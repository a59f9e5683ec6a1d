import type { Credentials } from './home.ts';

export const SHELLS = ['sh', 'fish', 'json'] as const;
export type Shell = (typeof SHELLS)[number];

/** What any AWS client reads from its environment to talk to this server. */
export function awsEnvironment(
  server: { readonly endpoint: string; readonly region: string },
  credentials: Credentials,
): Readonly<Record<string, string>> {
  return {
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: server.region,
    AWS_DEFAULT_REGION: server.region,
    AWS_ENDPOINT_URL: server.endpoint,
  };
}

/** Lines for `eval "$(longshore env)"`, `longshore env --shell fish | source`, or a program. */
export function formatEnvironment(variables: Readonly<Record<string, string>>, shell: Shell): string {
  if (shell === 'json') return JSON.stringify(variables, null, 2);
  const line = shell === 'fish' ? fishLine : shLine;
  return Object.entries(variables)
    .map(([name, value]) => line(name, value))
    .join('\n');
}

function shLine(name: string, value: string): string {
  return `export ${name}=${shQuoted(value)}`;
}

/** One word for a POSIX shell, whatever is in it. */
export function shQuoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function fishLine(name: string, value: string): string {
  return `set -gx ${name} '${value.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`;
}
