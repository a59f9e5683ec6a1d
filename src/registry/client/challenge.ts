/** What a registry asks for with `401`: RFC 9110 and the distribution project's token specification. */
export type Challenge =
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: string; readonly service?: string; readonly scope?: string };

/** Reads `WWW-Authenticate`: its first challenge that is understood. */
export function challengeIn(header: string | null): Challenge | undefined {
  if (header === null) return undefined;
  const found = /(?:^|,)\s*(basic|bearer)(?=\s|,|$)/i.exec(header);
  if (!found) return undefined;
  if (found[1]?.toLowerCase() === 'basic') return { scheme: 'basic' };
  const { realm, service, scope } = parametersOf(header.slice(found.index + found[0].length));
  if (realm === undefined) return undefined;
  return {
    scheme: 'bearer',
    realm,
    ...(service !== undefined && { service }),
    ...(scope !== undefined && { scope }),
  };
}

function parametersOf(text: string): Partial<Record<string, string>> {
  const parameters: Partial<Record<string, string>> = {};
  for (const [, name = '', quoted, plain] of text.matchAll(/([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi)) {
    parameters[name.toLowerCase()] ??= quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '';
  }
  return parameters;
}
