import type { Attached, PolicySource } from '../../identity/directory.ts';
import type { Principal, SessionFacts } from '../../identity/principal.ts';
import type { Tags } from '../../kernel/tags.ts';
import type { ReadTx } from '../../store/store.ts';
import { groupArn, roleArn, userArn } from './arns.ts';
import { policyDocument } from './policy-document.ts';
import { groups, iamKey, roles, users, type Identity, type RoleRow, type UserRow } from './tables.ts';

export const NOTHING: Attached = { identity: [], tags: {} };

/** Root has no policies: what a session of its own may do is bounded by the session's policies alone. */
const ALL_OF_ROOT: PolicySource = {
  kind: 'inline',
  id: 'root',
  document: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
};

/** A boundary whose policy cannot be read allows nothing. */
const BOUNDED_TO_NOTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}';

/**
 * What is attached to a user, to the role of a session, or to whoever asked for a federated user's session. Undefined
 * where the user or role is no more; one made anew under the same name has another id, and is another one.
 */
export async function attachedTo(tx: ReadTx, principal: Principal): Promise<Attached | undefined> {
  switch (principal.kind) {
    case 'user':
      return attachedToUser(tx, principal, principal.userName ?? '', principal.userId);
    case 'assumed-role':
      return attachedToRole(tx, principal);
    case 'federated-user':
      return attachedToFederatedUser(tx, principal);
    default:
      return NOTHING;
  }
}

async function attachedToUser(
  tx: ReadTx,
  principal: Principal,
  name: string,
  id: string,
): Promise<Attached | undefined> {
  const user = await userWithId(tx, principal.account, name, id);
  if (!user) return undefined;
  const identity = await identityPolicies(tx, user, userArn(user));
  for (const groupName of user.groups) {
    const group = await tx.get(groups, iamKey(user.account, groupName));
    if (group) identity.push(...(await identityPolicies(tx, group, groupArn(group))));
  }
  return complete(tx, { principal, row: user, attachedArn: userArn(user), identity });
}

/** A session of a user that was renamed carries the old name still. */
async function userWithId(tx: ReadTx, account: string, name: string, id: string): Promise<UserRow | undefined> {
  const row = await tx.get(users, iamKey(account, name));
  if (row?.id === id) return row;
  return (await tx.list(users, { where: ['account', account] })).find((user) => user.id === id);
}

async function attachedToRole(tx: ReadTx, principal: Principal): Promise<Attached | undefined> {
  const issuer = principal.session?.issuer;
  if (issuer?.type !== 'Role') return undefined;
  const role = await tx.get(roles, iamKey(principal.account, issuer.name));
  if (role?.id !== issuer.id) return undefined;
  const identity = await identityPolicies(tx, role, roleArn(role));
  return complete(tx, { principal, row: role, attachedArn: roleArn(role), identity });
}

/** Without session policies it has no permissions: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html */
async function attachedToFederatedUser(tx: ReadTx, principal: Principal): Promise<Attached | undefined> {
  const { session } = principal;
  if (!session) return undefined;
  const { issuer } = session;
  const own =
    issuer.type === 'Root'
      ? { identity: [ALL_OF_ROOT], tags: mergedTags({}, session.tags) }
      : issuer.type === 'User'
        ? await attachedToUser(tx, principal, issuer.name, issuer.id)
        : undefined;
  return own && { ...own, session: (await sessionPolicies(tx, principal, session)) ?? [] };
}

interface Found {
  readonly principal: Principal;
  readonly row: UserRow | RoleRow;
  readonly attachedArn: string;
  readonly identity: readonly PolicySource[];
}

async function complete(tx: ReadTx, { principal, row, attachedArn, identity }: Found): Promise<Attached> {
  const session = principal.session && (await sessionPolicies(tx, principal, principal.session));
  return {
    identity,
    ...(row.boundaryArn !== undefined && { boundary: await boundaryOf(tx, row, row.boundaryArn, attachedArn) }),
    ...(session && { session }),
    tags: mergedTags(row.tags, principal.session?.tags),
  };
}

/** Inline policies, then managed ones. */
async function identityPolicies(tx: ReadTx, row: Identity, attachedArn: string): Promise<PolicySource[]> {
  const found = Object.entries(row.inline).map(([id, document]): PolicySource => ({
    kind: 'inline',
    id,
    attachedTo: attachedArn,
    document,
  }));
  for (const arn of row.attached) {
    const policy = await policyDocument(tx, row.account, arn);
    if (policy) found.push({ kind: 'managed', id: arn, attachedTo: attachedArn, document: policy.document });
  }
  return found;
}

async function boundaryOf(
  tx: ReadTx,
  row: { readonly account: string },
  arn: string,
  attachedArn: string,
): Promise<PolicySource> {
  const document = (await policyDocument(tx, row.account, arn))?.document ?? BOUNDED_TO_NOTHING;
  return { kind: 'managed', id: arn, attachedTo: attachedArn, document };
}

async function sessionPolicies(
  tx: ReadTx,
  { account }: Principal,
  { policies }: SessionFacts,
): Promise<PolicySource[] | undefined> {
  if (policies?.inline === undefined && policies?.managedArns === undefined) return undefined;
  const found: PolicySource[] = [];
  if (policies.inline !== undefined) found.push({ kind: 'session', id: 'inline', document: policies.inline });
  for (const arn of policies.managedArns ?? []) {
    const policy = await policyDocument(tx, account, arn);
    if (policy) found.push({ kind: 'session', id: arn, document: policy.document });
  }
  return found;
}

/** Keys of tags are the same whatever their case; the session's stand for the row's. */
function mergedTags(own: Tags, session: Tags = {}): Tags {
  const passed = new Set(Object.keys(session).map((key) => key.toLowerCase()));
  const kept = Object.entries(own).filter(([key]) => !passed.has(key.toLowerCase()));
  return { ...Object.fromEntries(kept), ...session };
}
