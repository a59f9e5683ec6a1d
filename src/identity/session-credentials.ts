import { createHash } from 'node:crypto';
import type { Ids } from '../kernel/ids.ts';
import { SealedBox } from '../kernel/sealed-box.ts';

/** What a session may act as: a role, under a session name. */
export interface RoleSession {
  readonly account: string;
  readonly roleArn: string;
  /** For a task's role ECS takes the task's id. */
  readonly sessionName: string;
}

/** Temporary credentials, as STS and the ECS credentials endpoint answer them. */
export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresAtMs: number;
}

interface Sealed extends RoleSession {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly expiresAtMs: number;
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

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

  issue(session: RoleSession, expiresAtMs: number): SessionCredentials {
    const accessKeyId = `ASIA${base32(this.#ids.bytes(16))}`;
    const secretAccessKey = this.#ids.bytes(30).toString('base64');
    const { account, roleArn, sessionName } = session;
    const sealed: Sealed = { account, roleArn, sessionName, accessKeyId, secretAccessKey, expiresAtMs };
    return { accessKeyId, secretAccessKey, sessionToken: this.#box.seal(JSON.stringify(sealed)), expiresAtMs };
  }

  /** The session behind a token, with the secret of its key; undefined for another key's token, and when it has ended. */
  open(
    accessKeyId: string,
    sessionToken: string,
    now: number,
  ): { readonly session: RoleSession; readonly secretAccessKey: string } | undefined {
    const text = this.#box.open(sessionToken);
    if (text === undefined) return undefined;
    const { accessKeyId: key, secretAccessKey, expiresAtMs, ...session }: Sealed = JSON.parse(text);
    return key === accessKeyId && now < expiresAtMs ? { session, secretAccessKey } : undefined;
  }
}

/** `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`: the role's path is left out, as STS leaves it out. */
export function assumedRoleArn({ account, roleArn, sessionName }: RoleSession): string {
  return `arn:aws:sts::${account}:assumed-role/${roleArn.split('/').at(-1)}/${sessionName}`;
}

/** `AROA...:SESSION`. Until roles are resources with ids of their own, the id follows from the ARN. */
export function assumedRoleId({ roleArn, sessionName }: RoleSession): string {
  return `AROA${base32(createHash('sha256').update(roleArn).digest().subarray(0, 17))}:${sessionName}`;
}

function base32(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => BASE32[byte % 32]).join('');
}
