import type { Tags } from '../../kernel/tags.ts';
import { table } from '../../store/store.ts';

/** IAM is global: rows belong to an account. Names are unique whatever their case, and keep the case they were given. */
export function iamKey(account: string, name: string): string {
  return `${account}/${name.toLowerCase()}`;
}

/** What users, groups and roles have in common: they can be given permissions. */
export interface Identity {
  readonly account: string;
  readonly name: string;
  /** Begins and ends with `/`. */
  readonly path: string;
  /** `AIDA...`, `AGPA...`, `AROA...` */
  readonly id: string;
  readonly createdAtMs: number;
  /** Inline policies: document text by policy name. */
  readonly inline: Readonly<Record<string, string>>;
  /** ARNs of managed policies, in the order they were attached. */
  readonly attached: readonly string[];
}

export interface UserRow extends Identity {
  readonly tags: Tags;
  /** ARN of the managed policy that is the permissions boundary. */
  readonly boundaryArn?: string;
  /** Names of groups, as the groups spell them. */
  readonly groups: readonly string[];
  /** A record only: there is no console to sign in to. The password is kept as a scrypt hash with its salt. */
  readonly loginProfile?: {
    readonly createdAtMs: number;
    readonly passwordResetRequired: boolean;
    readonly passwordHash: string;
    readonly passwordChangedAtMs: number;
    /** Of the passwords before it, latest first, for PasswordReusePrevention. */
    readonly earlierHashes?: readonly string[];
  };
}

export type GroupRow = Identity;

export interface RoleRow extends Identity {
  readonly tags: Tags;
  readonly boundaryArn?: string;
  /** The trust policy's text. */
  readonly trustPolicy: string;
  readonly description?: string;
  readonly maxSessionDurationSeconds: number;
  /** Of a service-linked role: the service's principal. */
  readonly linkedService?: string;
}

export interface InstanceProfileRow {
  readonly account: string;
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly createdAtMs: number;
  readonly tags: Tags;
  /** One at most. */
  readonly roleName?: string;
}

/** A customer managed policy; AWS's own are code (domain/aws-managed). */
export interface PolicyRow {
  readonly account: string;
  readonly name: string;
  readonly path: string;
  /** `ANPA...` */
  readonly id: string;
  readonly arn: string;
  readonly description?: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly tags: Tags;
  readonly defaultVersionId: string;
  /** Oldest first, five at most. */
  readonly versions: readonly PolicyVersion[];
  /** Version numbers are not used twice. */
  readonly lastVersion: number;
}

export interface PolicyVersion {
  /** `v1` */
  readonly id: string;
  readonly document: string;
  readonly createdAtMs: number;
}

export interface AccessKeyRow {
  /** `AKIA...` */
  readonly id: string;
  readonly account: string;
  readonly userName: string;
  readonly status: 'Active' | 'Inactive';
  readonly createdAtMs: number;
  /** By the SealedBox of purpose `iam-access-keys`. */
  readonly sealedSecret: string;
}

export interface OidcProviderRow {
  readonly account: string;
  /** Without `https://`: `token.actions.githubusercontent.com`, as in the ARN and the condition keys. */
  readonly url: string;
  readonly arn: string;
  readonly clientIds: readonly string[];
  readonly thumbprints: readonly string[];
  readonly createdAtMs: number;
  readonly tags: Tags;
}

/** Last uses: apart from the rows that they are about, so that a call never conflicts with a change. */
export interface LastUseRow {
  /** An access key's id, a role's id (`AROA...`), a user's id for its password, or PRINCIPAL-ID/SERVICE for service last accessed data. */
  readonly id: string;
  readonly account: string;
  readonly atMs: number;
  readonly region: string;
  readonly service: string;
}

/** One row for an account. */
export interface AccountRow {
  readonly account: string;
  readonly alias?: string;
  /** As UpdateAccountPasswordPolicy takes it. */
  readonly passwordPolicy?: Readonly<Record<string, number | boolean>>;
  readonly credentialReport?: { readonly generatedAtMs: number; readonly csv: string };
}

const byAccount = (row: { readonly account: string }): string => row.account;
const attachedOf = (row: Identity): readonly string[] => row.attached.map((arn) => `${row.account} ${arn}`);
const boundaryOf = (row: { readonly account: string; readonly boundaryArn?: string }): string | undefined =>
  row.boundaryArn === undefined ? undefined : `${row.account} ${row.boundaryArn}`;

/** Index values of `attached` and `boundary` are `ACCOUNT ARN`; of `group` and `role` the key of the group or role. */
export const users = table<UserRow>('iam.users', (row) => iamKey(row.account, row.name), {
  account: byAccount,
  attached: attachedOf,
  boundary: boundaryOf,
  group: (row) => row.groups.map((name) => iamKey(row.account, name)),
});

export const groups = table<GroupRow>('iam.groups', (row) => iamKey(row.account, row.name), {
  account: byAccount,
  attached: attachedOf,
});

export const roles = table<RoleRow>('iam.roles', (row) => iamKey(row.account, row.name), {
  account: byAccount,
  attached: attachedOf,
  boundary: boundaryOf,
});

export const instanceProfiles = table<InstanceProfileRow>(
  'iam.instance-profiles',
  (row) => iamKey(row.account, row.name),
  {
    account: byAccount,
    role: (row) => (row.roleName === undefined ? undefined : iamKey(row.account, row.roleName)),
  },
);

/** Names of customer managed policies are unique in the account, whatever their path. */
export const policies = table<PolicyRow>('iam.policies', (row) => iamKey(row.account, row.name), {
  account: byAccount,
});

export const accessKeys = table<AccessKeyRow>('iam.access-keys', (row) => row.id, {
  account: byAccount,
  user: (row) => iamKey(row.account, row.userName),
});

export const oidcProviders = table<OidcProviderRow>('iam.oidc-providers', (row) => row.arn, { account: byAccount });

export const lastUses = table<LastUseRow>('iam.last-uses', (row) => row.id, { account: byAccount });

export const accounts = table<AccountRow>('iam.accounts', (row) => row.account);
