import { createPublicKey } from 'node:crypto';
import type { Action, JwtValidationActionAdditionalClaim } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { JwtKey } from '../../../loadbalancer/load-balancer.ts';
import { invalid, invalidAction, notInEnum, notSupported } from '../errors.ts';
import type { JwtRow } from '../tables.ts';

const FORMATS = ['single-string', 'string-array', 'space-separated-values'] as const;
/** Always validated. */
const OWN_CLAIMS: readonly string[] = ['exp', 'iss', 'nbf', 'iat'];
const MOST_CLAIMS = 10;
const MOST_VALUES = 10;
const LONGEST = 256;

/**
 * What a `jwt-validation` action wants of tokens, checked.
 * @param protocol the listener's
 */
export function jwtFrom(action: Action, protocol: string): JwtRow {
  if (protocol !== 'HTTPS') {
    throw invalidAction(`Action type 'jwt-validation' is not supported with listener protocol '${protocol}'`);
  }
  const { JwtValidationConfig: config } = action;
  if (!config) throw invalidAction('A jwt-validation action must have a JwtValidationConfig');
  const { JwksEndpoint: jwksEndpoint = '', Issuer: issuer = '', AdditionalClaims: claims = [] } = config;
  if (jwksEndpoint.length > LONGEST) throw invalid(`The JWKS endpoint can have at most ${LONGEST} characters`);
  if (!isEndpoint(jwksEndpoint)) {
    throw invalid(
      `The JWKS endpoint '${jwksEndpoint}' must be a full URL, including the HTTPS protocol, the domain, and the path`,
    );
  }
  checkText('The issuer', issuer);
  if (claims.length > MOST_CLAIMS) throw invalidAction(`You can specify at most ${MOST_CLAIMS} additional claims`);
  const names = claims.map((claim) => claim.Name);
  if (new Set(names).size < names.length) throw invalidAction('An additional claim can be specified once only');
  return {
    jwksEndpoint,
    issuer,
    claims: claims.map(claimFrom),
    ...(action.Order === undefined ? {} : { order: action.Order }),
  };
}

function isEndpoint(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'https:' && url.username === '' && url.password === '' && url.pathname.length > 1;
}

function claimFrom({ Name: name = '', Format, Values: values = [] }: JwtValidationActionAdditionalClaim) {
  const format = FORMATS.find((it) => it === Format);
  if (!format) throw notInEnum(Format ?? '', 'additionalClaims.1.member.format', FORMATS);
  if (OWN_CLAIMS.includes(name)) throw invalid(`The claim '${name}' is validated by default, and cannot be specified`);
  checkText('The name of a claim', name);
  if (!/^[A-Za-z0-9_:/@+-]+$/.test(name)) {
    throw notSupported(`The claim name '${name}'`, 'Use letters, digits and _ : / @ + - only.');
  }
  if (values.length < 1 || values.length > MOST_VALUES) {
    throw invalid(`The claim '${name}' must have between 1 and ${MOST_VALUES} values`);
  }
  if (format === 'single-string' && values.length > 1) {
    throw invalid(`The claim '${name}' of format 'single-string' can have one value only`);
  }
  for (const value of values) checkText(`A value of the claim '${name}'`, value);
  if (format === 'space-separated-values' && values.some((value) => value.includes(' '))) {
    throw invalid(`Values of the claim '${name}' of format 'space-separated-values' cannot include spaces`);
  }
  return { name, format, values };
}

function checkText(what: string, text: string): void {
  // oxlint-disable-next-line no-control-regex -- they would not reach the plane
  if (text.length < 1 || text.length > LONGEST || /[\u0000-\u001f\u007f]/.test(text)) {
    throw invalid(`${what} must have between 1 and ${LONGEST} characters, and no control characters`);
  }
}

export function jwtView({ jwksEndpoint, issuer, claims, order }: JwtRow): Action {
  return {
    Type: 'jwt-validation',
    ...(order === undefined ? {} : { Order: order }),
    JwtValidationConfig: {
      JwksEndpoint: jwksEndpoint,
      Issuer: issuer,
      ...(claims.length === 0
        ? {}
        : {
            AdditionalClaims: claims.map(({ name, format, values }) => ({
              Name: name,
              Format: format,
              Values: [...values],
            })),
          }),
    },
  };
}

const MOST_KEYS = 10;

/**
 * The keys of a JWKS document that may sign tokens with RS256. None of a document with more than ten, as in AWS.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-verify-jwt.html#jwt-validation-limits
 */
export function signingKeys(document: unknown): readonly JwtKey[] {
  const { keys } = recordOf(document);
  if (!Array.isArray(keys)) throw new Error('The answer of the JWKS endpoint has no keys');
  return keys.length > MOST_KEYS ? [] : keys.flatMap((key) => signingKey(recordOf(key)));
}

function signingKey(jwk: Readonly<Record<string, unknown>>): readonly JwtKey[] {
  const { kty, use = 'sig', alg = 'RS256', kid, n, e } = jwk;
  if (kty !== 'RSA' || use !== 'sig' || alg !== 'RS256' || typeof n !== 'string' || typeof e !== 'string') return [];
  try {
    const pem = createPublicKey({ key: { kty, n, e }, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    return [{ ...(typeof kid === 'string' && isKeyId(kid) ? { keyId: kid } : {}), pem: String(pem) }];
  } catch {
    return [];
  }
}

/** Others would not reach the plane: such a key is tried with every token. */
function isKeyId(text: string): boolean {
  return text !== '' && text.length <= 256 && /^[\u0020-\u007e]+$/.test(text);
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
