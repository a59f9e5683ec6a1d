import { compactVerify, createLocalJWKSet, decodeJwt, errors } from 'jose';
import type { JSONWebKeySet } from 'jose';
import { expiredToken, invalidIdentityToken, noVerificationKey, notAToken } from './errors.ts';
import type { KeySets, OidcProvider } from './key-sets.ts';

/** A token of a registered provider, verified. */
export interface IdToken {
  readonly subject: string;
  /** For whom it was made: `azp` where the token has one, else the registered one of `aud`. */
  readonly audience: string;
  /** All that it says. */
  readonly claims: Claims;
}

export type Claims = Readonly<Record<string, unknown>>;

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html#manage-oidc-provider-prerequisites */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'];
/** How far the clocks of provider and server may differ. */
const SKEW_MS = 5 * 60 * 1000;
const OLDEST_MS = 24 * 60 * 60 * 1000;

/**
 * Who says that it made a token, before anything of it is verified: to find the provider by.
 * @returns without `https://`
 */
export function claimedIssuer(token: string): string {
  try {
    const { iss } = decodeJwt(token);
    if (typeof iss === 'string' && iss.startsWith('https://')) return iss.slice('https://'.length);
  } catch (error) {
    throw notAToken(error);
  }
  throw notAToken();
}

/**
 * Verifies a token against a provider: signature, issuer, audience, times.
 * @throws ServiceError in the words of AssumeRoleWithWebIdentity
 */
export async function verifyIdToken(
  token: string,
  provider: OidcProvider,
  keySets: KeySets,
  now: number,
): Promise<IdToken> {
  const claims = await signedClaims(token, provider, keySets);
  if (claims['iss'] !== `https://${provider.url}`) throw invalidIdentityToken('Incorrect token issuer');
  checkTimes(claims, now);
  const subject = claims['sub'];
  if (typeof subject !== 'string' || subject === '') throw invalidIdentityToken('Missing a required claim: sub');
  return { subject, audience: audienceOf(claims, provider.clientIds), claims };
}

async function signedClaims(token: string, provider: OidcProvider, keySets: KeySets): Promise<Claims> {
  let payload = await payloadOf(token, await keySets.known(provider));
  payload ??= await payloadOf(token, await keySets.renewed(provider));
  if (payload === undefined) throw noVerificationKey();
  try {
    const claims: unknown = JSON.parse(new TextDecoder().decode(payload));
    if (typeof claims === 'object' && claims !== null && !Array.isArray(claims)) return { ...claims };
  } catch (error) {
    throw notAToken(error);
  }
  throw notAToken();
}

/** Answers undefined where none of the keys is the one that the token names. */
async function payloadOf(token: string, keySet: JSONWebKeySet): Promise<Uint8Array | undefined> {
  const options = { algorithms: ALGORITHMS };
  try {
    return (await compactVerify(token, createLocalJWKSet(keySet), options)).payload;
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return undefined;
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw refusal(error);
    // A token that names no key, of a provider with several.
    for await (const key of error) {
      const verified = await compactVerify(token, key, options).catch(() => undefined);
      if (verified) return verified.payload;
    }
    throw refusal(new errors.JWSSignatureVerificationFailed());
  }
}

function refusal(error: unknown): Error {
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return invalidIdentityToken('The signature of the ID Token provided is not valid', error);
  }
  return error instanceof errors.JWSInvalid || error instanceof errors.JOSEAlgNotAllowed
    ? notAToken(error)
    : noVerificationKey(error);
}

function checkTimes(claims: Claims, now: number): void {
  const expiresAt = secondsOf(claims, 'exp');
  const issuedAt = secondsOf(claims, 'iat');
  const seconds = Math.floor(now / 1000);
  if (seconds >= expiresAt) {
    throw expiredToken(
      `Token expired: current date/time ${seconds} must be before the expiration date/time${expiresAt}`,
    );
  }
  if (now - issuedAt * 1000 > OLDEST_MS) throw expiredToken(`Token too old: ${seconds - issuedAt}`);
  const notBefore = claims['nbf'] === undefined ? issuedAt : secondsOf(claims, 'nbf');
  const starts = Math.max(issuedAt, notBefore);
  if (starts * 1000 > now + SKEW_MS) {
    throw invalidIdentityToken(`Token not yet valid: current date/time ${seconds} must not be before ${starts}`);
  }
}

function secondsOf(claims: Claims, name: string): number {
  const value = claims[name];
  if (typeof value === 'number' && Number.isFinite(value)) return Math.floor(value);
  throw invalidIdentityToken(`Missing a required claim: ${name}`);
}

/** A token that names its authorized party (`azp`) is for that one, whatever its audience is. */
function audienceOf(claims: Claims, clientIds: readonly string[]): string {
  const { azp, aud } = claims;
  const meant: unknown[] = typeof azp === 'string' ? [azp] : Array.isArray(aud) ? aud : [aud];
  const found = clientIds.find((id) => meant.includes(id));
  if (found === undefined) throw invalidIdentityToken('Incorrect token audience');
  return found;
}
