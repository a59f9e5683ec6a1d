import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Ids } from '../kernel/ids.ts';
import { SealedBox } from '../kernel/sealed-box.ts';
import { accessKeyId as newAccessKeyId } from './access-key-id.ts';
import type { Principal, SessionFacts } from './principal.ts';

/** Temporary credentials, as STS and the ECS credentials endpoint answer them. */
export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresAtMs: number;
}

/** A principal with temporary credentials. */
export type SessionPrincipal = Principal & { readonly session: SessionFacts };

interface Sealed {
  readonly principal: SessionPrincipal;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/**
 * Credentials that end by themselves. All that is known of them is sealed into the session token, so nothing is stored
 * and a restarted server knows them still.
 */
export class SessionTokens {
  readonly #box: SealedBox;
  readonly #ids: Ids;

  constructor(masterKey: Buffer, ids: Ids) {
    this.#box = new SealedBox(masterKey, 'session-token', ids);
    this.#ids = ids;
  }

  /** They end at `principal.session.expiresAtMs`. */
  issue(principal: SessionPrincipal): SessionCredentials {
    const accessKeyId = newAccessKeyId('ASIA', principal.account, this.#ids);
    const secretAccessKey = this.#ids.bytes(30).toString('base64');
    const sealed: Sealed = { principal: { ...principal, accessKeyId }, accessKeyId, secretAccessKey };
    const { expiresAtMs } = principal.session;
    return { accessKeyId, secretAccessKey, sessionToken: this.#box.seal(packed(JSON.stringify(sealed))), expiresAtMs };
  }

  /** The session behind a token, with the secret of its key; undefined for a token that is not ours or another key's. */
  open(accessKeyId: string, sessionToken: string): OpenedSession | undefined {
    const text = this.#box.open(sessionToken);
    if (text === undefined) return undefined;
    const { accessKeyId: key, secretAccessKey, principal }: Partial<Sealed> = JSON.parse(unpacked(text));
    // Earlier versions sealed no principal into a token.
    if (key !== accessKeyId || principal === undefined || secretAccessKey === undefined) return undefined;
    return { principal, secretAccessKey };
  }
}

/** The caller looks at `principal.session.expiresAtMs`. */
export interface OpenedSession {
  readonly principal: SessionPrincipal;
  readonly secretAccessKey: string;
}

/** `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`: the role's path is left out, as STS leaves it out. */
export function assumedRoleArn(account: string, roleName: string, sessionName: string): string {
  return `arn:aws:sts::${account}:assumed-role/${roleName}/${sessionName}`;
}

/** Above this a token is compressed: policies and tags of a session must not make it longer than a header may be. */
const LONGEST_PLAIN = 1024;

function packed(json: string): string {
  return json.length <= LONGEST_PLAIN ? json : deflateRawSync(json).toString('base64');
}

function unpacked(text: string): string {
  return text.startsWith('{') ? text : inflateRawSync(Buffer.from(text, 'base64')).toString('utf8');
}
