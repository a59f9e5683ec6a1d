import assert from 'node:assert/strict';
import type { Longshore } from './longshore.ts';

/** Long-term or temporary credentials, as AWS's clients take them. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The aws CLI as somebody types it: `('iam get-user --user-name', name)`. */
export interface Cli {
  /** The answer, parsed. Throws with what the CLI printed when it failed. */
  (line: string, ...more: readonly string[]): Promise<any>;
  /** What a command prints that answers in words: `aws s3 ls`, `aws logs tail`. */
  readonly printed: (line: string, ...more: readonly string[]) => Promise<string>;
  /** `Code: message` of a call that must fail as it does with AWS. */
  readonly refused: (line: string, ...more: readonly string[]) => Promise<string>;
  /** The refused call's code alone. */
  readonly code: (line: string, ...more: readonly string[]) => Promise<string>;
}

/** The CLI in somebody's name: root's, if none is given. */
export function cliOf(server: Longshore, credentials?: Credentials): Cli {
  const env = credentials === undefined ? {} : environmentOf(credentials);
  const run = (line: string, more: readonly string[]) => server.aws([...line.split(' '), ...more], env);
  const cli = async (line: string, ...more: readonly string[]) => {
    const ran = await run(line, more);
    if (ran.code !== 0) throw new Error(`aws ${[line, ...more].join(' ')}: ${ran.stderr}`);
    return ran.stdout.trim() === '' ? undefined : JSON.parse(ran.stdout);
  };
  const printed = async (line: string, ...more: readonly string[]) => {
    const ran = await run(line, more);
    assert.equal(ran.code, 0, `${line} ${more.join(' ')}: ${ran.stderr}${ran.stdout}`);
    return ran.stdout;
  };
  const refused = async (line: string, ...more: readonly string[]) => {
    const ran = await run(line, more);
    // Commands that make several calls, as `aws s3 cp` does, end with 1.
    assert.equal(ran.code, line.startsWith('s3 ') ? 1 : 254, `${line} ${more.join(' ')}: ${ran.stdout}${ran.stderr}`);
    const [, code, message] =
      /An error occurred \((.*?)\) when calling the \w+ operation(?: \(reached max retries: \d\))?: (.*)/s.exec(
        ran.stderr,
      ) ?? [];
    return `${code}: ${message?.trim()}`;
  };
  const code = async (line: string, ...more: readonly string[]) => (await refused(line, ...more)).split(':')[0] ?? '';
  return Object.assign(cli, { printed, refused, code });
}

/** What the CLI reads credentials from; an empty token is none. */
export function environmentOf({
  accessKeyId,
  secretAccessKey,
  sessionToken = '',
}: Credentials): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  };
}

/** Of an answer of STS. */
export function credentialsIn({ Credentials }: { readonly Credentials: any }): Credentials {
  return {
    accessKeyId: Credentials.AccessKeyId,
    secretAccessKey: Credentials.SecretAccessKey,
    sessionToken: Credentials.SessionToken,
  };
}
