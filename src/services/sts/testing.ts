import assert from 'node:assert/strict';
import { openTestService } from '../../api/testing.ts';
import type { TestService } from '../../api/testing.ts';
import type { Principal } from '../../identity/principal.ts';
import { roleSession } from '../../identity/role-session.ts';
import type { RoleSessionFacts } from '../../identity/role-session.ts';
import { SessionTokens } from '../../identity/session-credentials.ts';
import type { SessionPrincipal } from '../../identity/session-credentials.ts';
import type { KeySets } from '../../identity/oidc/key-sets.ts';
import { ServiceError } from '../../kernel/errors.ts';
import { seededIds } from '../../kernel/ids.ts';
import { SealedBox } from '../../kernel/sealed-box.ts';
import { sts } from './index.ts';

export const ACCOUNT = '123456789012';
export const MASTER_KEY = Buffer.alloc(32, 5);

export interface TestRole {
  readonly path?: string;
  readonly maxSessionSeconds?: number;
  readonly trustPolicy?: object;
  readonly tags?: Readonly<Record<string, string>>;
}

/** What IAM knows in a test: roles and users' keys by name, managed policies and providers by ARN. */
export interface TestIam {
  readonly roles?: Readonly<Record<string, TestRole>>;
  readonly keys?: readonly string[];
  readonly policies?: readonly string[];
  readonly providers?: Readonly<Record<string, { readonly clientIds: string[]; readonly thumbprints: string[] }>>;
}

export interface TestSts extends TestService<'sts'> {
  /** The principal behind credentials that STS answered. */
  opened(answer: {
    Credentials?: { AccessKeyId: string | undefined; SessionToken: string | undefined } | undefined;
  }): SessionPrincipal;
  readonly messages: SealedBox;
}

export function openSts(iam: TestIam = {}, keySets: KeySets = noKeySets): TestSts {
  const sessions = new SessionTokens(MASTER_KEY, seededIds(7));
  const messages = new SealedBox(MASTER_KEY, 'authorization-messages', seededIds(8));
  const service = openTestService('sts', sts, { sessions, messages, keySets }, { calls: fakeIam(iam) });
  return {
    ...service,
    messages,
    opened({ Credentials }) {
      const opened = sessions.open(Credentials?.AccessKeyId ?? '', Credentials?.SessionToken ?? '');
      assert.ok(opened);
      return opened.principal;
    },
  };
}

const noKeySets: KeySets = {
  known: () => Promise.reject(new Error('no test of this service asks for keys')),
  renewed: () => Promise.reject(new Error('no test of this service asks for keys')),
};

function fakeIam({ roles = {}, keys = [], policies = [], providers = {} }: TestIam) {
  const found = <T>(value: T | undefined): T => {
    if (value === undefined) throw new ServiceError('NoSuchEntityException', 'not found', { httpStatus: 404 });
    return value;
  };
  return {
    'iam:GetRole': ({ RoleName }: { RoleName: string }) => ({ Role: roleAnswer(RoleName, found(roles[RoleName])) }),
    'iam:GetPolicy': ({ PolicyArn }: { PolicyArn: string }) => ({
      Policy: { Arn: found(policies.find((arn) => arn === PolicyArn)) },
    }),
    'iam:GetAccessKeyLastUsed': ({ AccessKeyId }: { AccessKeyId: string }) => ({
      UserName: found(keys.find((key) => key === AccessKeyId)) && 'ann',
    }),
    'iam:GetOpenIDConnectProvider': ({ OpenIDConnectProviderArn: arn }: { OpenIDConnectProviderArn: string }) => {
      const { clientIds, thumbprints } = found(providers[arn]);
      return { Url: arn.split(':oidc-provider/')[1], ClientIDList: clientIds, ThumbprintList: thumbprints };
    },
  };
}

function roleAnswer(name: string, { path = '/', maxSessionSeconds = 3600, trustPolicy = {}, tags = {} }: TestRole) {
  return {
    Path: path,
    RoleName: name,
    RoleId: roleId(name),
    Arn: roleArn(name, path),
    CreateDate: new Date(0),
    AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify(trustPolicy)),
    MaxSessionDuration: maxSessionSeconds,
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  };
}

export function roleArn(name: string, path = '/'): string {
  return `arn:aws:iam::${ACCOUNT}:role${path}${name}`;
}

export function roleId(name: string): string {
  return `AROA${name.toUpperCase().padEnd(17, 'A')}`;
}

export const ANN: Principal = {
  kind: 'user',
  account: ACCOUNT,
  arn: `arn:aws:iam::${ACCOUNT}:user/team/ann`,
  userId: 'AIDAAAAAAAAAAAAAAAAAA',
  userName: 'ann',
  accessKeyId: 'AKIAAAAAAAAAAAAAAAAA',
};

/** A session of the role `first`. */
export function chained(facts: Partial<RoleSessionFacts> = {}): SessionPrincipal {
  const role = { arn: roleArn('first'), id: roleId('first'), account: ACCOUNT, name: 'first' };
  return roleSession(role, { sessionName: 'one', issuedAtMs: 0, expiresAtMs: 1, ...facts });
}

/** The code and the message of a refusal. */
export async function refusal(promise: Promise<unknown>): Promise<[code: string, message: string]> {
  const reason: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(reason instanceof ServiceError, String(reason));
  return [reason.code, reason.message];
}
