import type { JSONWebKeySet } from 'jose';
import type { Clock } from '../../kernel/clock.ts';
import { noVerificationKey } from './errors.ts';
import { httpsJson } from './https-json.ts';

/** What is registered of an OpenID Connect provider. */
export interface OidcProvider {
  readonly arn: string;
  /** Without `https://`, as in the ARN and the condition keys: `token.actions.githubusercontent.com`. */
  readonly url: string;
  readonly clientIds: readonly string[];
  /** SHA-1 of certificates, hexadecimal. */
  readonly thumbprints: readonly string[];
}

export type KeySource = Pick<OidcProvider, 'url' | 'thumbprints'>;

/** The public keys that providers sign their tokens with. All throw ServiceError. */
export interface KeySets {
  /** As they are known, or fetched where they are not. */
  known(provider: KeySource): Promise<JSONWebKeySet>;
  /** Fetched again, for a token that was signed with a key not yet known; at most every five seconds. */
  renewed(provider: KeySource): Promise<JSONWebKeySet>;
}

/** GETs a JSON document over HTTPS. */
export type FetchJson = (url: URL, thumbprints: readonly string[]) => Promise<unknown>;

const KEPT_MS = 60 * 60 * 1000;
const RENEWED_AFTER_MS = 5 * 1000;

interface Kept {
  /** The registration under which they were fetched: other thumbprints are another trust. */
  readonly thumbprints: string;
  readonly fetchedAtMs: number;
  readonly keys: Promise<JSONWebKeySet>;
}

/**
 * The keys of providers found by OpenID Connect Discovery, kept for an hour. Any number of calls at a time make one
 * fetch; one that failed is not kept.
 * https://openid.net/specs/openid-connect-discovery-1_0.html
 */
export class DiscoveredKeySets implements KeySets {
  readonly #clock: Clock;
  readonly #fetchJson: FetchJson;
  readonly #kept = new Map<string, Kept>();

  constructor(clock: Clock, fetchJson: FetchJson = httpsJson) {
    this.#clock = clock;
    this.#fetchJson = fetchJson;
  }

  known(provider: KeySource): Promise<JSONWebKeySet> {
    return this.#notOlderThan(KEPT_MS, provider);
  }

  renewed(provider: KeySource): Promise<JSONWebKeySet> {
    return this.#notOlderThan(RENEWED_AFTER_MS, provider);
  }

  #notOlderThan(ageMs: number, provider: KeySource): Promise<JSONWebKeySet> {
    const now = this.#clock.now();
    const thumbprints = provider.thumbprints.join(' ');
    const kept = this.#kept.get(provider.url);
    if (kept?.thumbprints === thumbprints && now - kept.fetchedAtMs < ageMs) return kept.keys;
    const keys = this.#discover(provider);
    const entry: Kept = { thumbprints, fetchedAtMs: now, keys };
    this.#kept.set(provider.url, entry);
    keys.catch(() => {
      if (this.#kept.get(provider.url) === entry) this.#kept.delete(provider.url);
    });
    return keys;
  }

  async #discover({ url, thumbprints }: KeySource): Promise<JSONWebKeySet> {
    const issuer = `https://${url}`;
    const document = await this.#fetchJson(
      httpsUrl(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`),
      thumbprints,
    );
    const configuration = recordOf(document);
    if (configuration['issuer'] !== issuer) {
      throw noVerificationKey(new Error(`its configuration names another issuer than ${issuer}`));
    }
    return keySetOf(await this.#fetchJson(httpsUrl(configuration['jwks_uri']), thumbprints));
  }
}

function httpsUrl(text: unknown): URL {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:') throw noVerificationKey(new Error('its configuration has no jwks_uri of https'));
  return url;
}

function keySetOf(document: unknown): JSONWebKeySet {
  const { keys } = recordOf(document);
  if (!Array.isArray(keys)) throw noVerificationKey(new Error('its key set has no keys'));
  return { keys: keys.filter((key) => typeof key === 'object' && key !== null) };
}

function recordOf(document: unknown): Readonly<Record<string, unknown>> {
  return typeof document === 'object' && document !== null ? { ...document } : {};
}
