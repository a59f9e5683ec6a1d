import type { JwtClaim, JwtValidation, Rule } from '../load-balancer.ts';
import { htmlPage } from './error-pages.ts';
import type { SideFiles } from './rendered.ts';
import { argument, identifier, isExactly, literal, word } from './text.ts';

/** How many elements of a claim that is an array are looked at. */
const MOST_ELEMENTS = 32;

/**
 * Ends a request of a rule that wants a token and has none, or not a valid one: RFC 6750 says how. HAProxy reads keys
 * when it starts only, so others are another configuration.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-verify-jwt.html
 */
export function jwtLines(rules: readonly Rule[], files: SideFiles): readonly string[] {
  return rules.flatMap(({ ruleId, jwt }) =>
    jwt ? linesOf(jwt, `{ var(txn.rule) -m str ${identifier(ruleId)} }`, files) : [],
  );
}

function linesOf(jwt: JwtValidation, chosen: string, files: SideFiles): readonly string[] {
  const set = (name: string, value: string, when = '') =>
    `http-request set-var(txn.${name}) ${value} if ${chosen}${when}`;
  const refuse = (when: string) => set('jwt_bad', 'bool(true)', ` ${when}`);
  return [
    set('jwt', 'http_auth_bearer'),
    refusal('Bearer', `${chosen} !{ var(txn.jwt) -m found }`, files),
    set('jwt_now', 'date()'),
    set('jwt_kid', query('jwt_header_query', 'kid')),
    ...jwt.keys.flatMap((key) => keyLines(key, set, files)),
    refuse('!{ var(txn.jwt_signed) -m found }'),
    // A target might read another than the one that was looked at.
    refuse('{ req.fhdr_cnt(authorization) gt 1 }'),
    refuse(`!{ ${query('jwt_header_query', 'alg')} -m str RS256 }`),
    refuse(`!{ ${claim('iss')} ${isExactly(jwt.issuer)} }`),
    refuse(`!{ ${untilTime('exp')} -m int gt 0 }`),
    ...['nbf', 'iat'].map((name) => refuse(`{ ${claim(name)} -m found } !{ ${untilTime(name)} -m int le 0 }`)),
    ...jwt.claims.flatMap((it, at) => claimLines(it, `jwt_c${at}`, { set, refuse })),
    refusal('Bearer error="invalid_token"', `${chosen} { var(txn.jwt_bad) -m found }`, files),
  ];
}

type SetVariable = (name: string, value: string, when?: string) => string;

/** A token without the id of a key is tried with each. */
function keyLines(
  { keyId, pem }: JwtValidation['keys'][number],
  set: SetVariable,
  files: SideFiles,
): readonly string[] {
  const verified = `{ var(txn.jwt),jwt_verify(RS256,${files.add('jwt', '.pem', pem)}) -m int 1 }`;
  const signed = (when: string) => set('jwt_signed', 'bool(true)', ` ${when}${verified}`);
  if (keyId === undefined) return [signed('')];
  return [signed(`{ var(txn.jwt_kid) ${isExactly(keyId)} } `), signed('!{ var(txn.jwt_kid) -m found } ')];
}

/** The claim has every one of the values. */
function claimLines(
  { name, format, values }: JwtClaim,
  prefix: string,
  { set, refuse }: { readonly set: SetVariable; readonly refuse: (when: string) => string },
): readonly string[] {
  if (format === 'single-string') return values.map((value) => refuse(`!{ ${claim(name)} ${isExactly(value)} }`));
  if (format === 'space-separated-values') {
    return values.map((value) => refuse(`!{ ${claim(name)} -m reg -- ${word(`(^| )${plain(value)}( |$)`)} }`));
  }
  const elements = Array.from({ length: MOST_ELEMENTS }, (_, at) => `${prefix}_${at}`);
  return [
    ...elements.map((element, at) =>
      set(element, claim(`${name}[${at}]`), at === 0 ? '' : ` { var(txn.${elements[at - 1]}) -m found }`),
    ),
    ...values.flatMap((value, at) => [
      ...elements.map((element) =>
        set(`${prefix}_v${at}`, 'bool(true)', ` { var(txn.${element}) ${isExactly(value)} }`),
      ),
      refuse(`!{ var(txn.${prefix}_v${at}) -m found }`),
    ]),
  ];
}

function claim(path: string): string {
  return query('jwt_payload_query', path);
}

/** How far a time is from now; negative for one that is over. */
function untilTime(path: string): string {
  return word(`var(txn.jwt),jwt_payload_query(${argument(`$.${path}`)},int),sub(txn.jwt_now)`);
}

function query(converter: string, path: string): string {
  return word(`var(txn.jwt),${converter}(${argument(`$.${path}`)})`);
}

function refusal(challenge: string, when: string, files: SideFiles): string {
  const page = files.add('error-401', '.html', htmlPage(401, 'Authorization Required'));
  return `http-request return status 401 content-type text/html file ${page} hdr Server awselb/2.0 hdr WWW-Authenticate ${word(literal(challenge))} if ${when}`;
}

/** A regular expression for exactly this text. */
function plain(text: string): string {
  return [...Buffer.from(text, 'utf8')].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}
