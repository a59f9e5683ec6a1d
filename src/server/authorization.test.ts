import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuthorizationCase, AuthorizationCases } from '../api/authorization-cases.ts';
import type { Principal } from '../api/context.ts';
import type { Permission } from '../api/operation.ts';
import type { Service } from '../api/service.ts';
import { Authorizer, actionOf } from '../gateway/authorizer.ts';
import { allowed, testDirectory } from '../gateway/testing-directory.ts';
import { ServiceError } from '../kernel/errors.ts';
import { seededIds } from '../kernel/ids.ts';
import { SealedBox } from '../kernel/sealed-box.ts';
import { actionFacts, resourceTypeOf } from '../policy/facts/facts.ts';
import { roles } from '../services/iam/tables.ts';
import type { RoleRow } from '../services/iam/tables.ts';
import { SqliteStore } from '../store/sqlite/sqlite-store.ts';
import { SERVICES_WITH_CASES } from './testing-services.ts';

type AnyCase = AuthorizationCase<any, any>;

const ACCOUNT = '123456789012';
const USER: Principal = {
  kind: 'user',
  account: ACCOUNT,
  arn: `arn:aws:iam::${ACCOUNT}:user/someone`,
  userId: 'AIDAEXAMPLE',
  userName: 'someone',
};

const store = new SqliteStore(':memory:');
const directory = testDirectory();
const services = SERVICES_WITH_CASES.map(({ service }) => service);
const messages = new SealedBox(Buffer.alloc(32, 2), 'authorization-messages', seededIds(5));
await store.write(async (tx) => {
  // The case of AssumeRole: without a trust policy nobody may.
  await tx.put(roles, trustingRole('team/app'));
});
const authorizer = new Authorizer({ services, store, directory, messages });

/** It trusts the account, so that identity policies decide. */
function trustingRole(pathAndName: string): RoleRow {
  const [path = '', name = ''] = pathAndName.split('/');
  const statement = { Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: ['sts:*'] };
  return {
    account: ACCOUNT,
    name,
    path: `/${path}/`,
    id: 'AROAEXAMPLE',
    createdAtMs: 0,
    inline: {},
    attached: [],
    tags: {},
    trustPolicy: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
    maxSessionDurationSeconds: 3600,
  };
}

/** What the gateway decides for the user with these permissions: the ARNs touched, or the refusal. */
async function tryCall(service: Service<any>, name: string, one: AnyCase, permissions: readonly Permission[]) {
  const operation = service.operations[name];
  assert.ok(operation);
  const statements = permissions.map(({ action, resources }) => ({
    Effect: 'Allow',
    Action: action,
    Resource: resources.map((resource) => (resource === 'caller' ? USER.arn : resource)),
  }));
  directory.policies.set(USER.arn, allowed(...statements));
  const facts = { sourceIp: '127.0.0.1', secure: false };
  const call = { principal: USER, account: ACCOUNT, region: 'us-east-1', facts, now: 0 };
  try {
    return await authorizer.authorize({ ...call, service: service.name, operation, input: one.input as object });
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'AccessDeniedException') return error.message;
    throw error;
  }
}

function permissionsOf(service: Service<any>, name: string, one: AnyCase): readonly Permission[] {
  const operation = service.operations[name];
  assert.ok(operation);
  const action = one.action ?? actionOf(service.name, operation);
  return [{ action, resources: one.resources }, ...(one.also ?? [])];
}

test('every operation has an authorization case, and every case an operation', () => {
  for (const { service, cases } of SERVICES_WITH_CASES) {
    assert.deepEqual(Object.keys(cases).toSorted(), Object.keys(service.operations).toSorted(), service.name);
  }
});

for (const { service, cases } of SERVICES_WITH_CASES) {
  test(`${service.name}: each call needs just the permissions of its case`, async () => {
    for (const [name, one] of entries(cases)) {
      const label = `${service.name}:${name}`;
      const permissions = permissionsOf(service, name, one);
      const touched = await tryCall(service, name, one, permissions);
      const expected = one.resources.map((resource) => (resource === 'caller' ? USER.arn : resource));
      assert.deepEqual(touched, expected, label);
      if (one.free) continue;
      assert.match(String(await tryCall(service, name, one, [])), /is not authorized to perform: /, label);
      for (const missing of permissions) {
        const rest = permissions.filter((permission) => permission !== missing);
        const refused = await tryCall(service, name, one, rest);
        assert.ok(
          String(refused).includes(`not authorized to perform: ${missing.action}`),
          `${label}: ${String(refused)}`,
        );
      }
    }
  });

  test(`${service.name}: what each call needs is what AWS's service authorization reference says`, async () => {
    for (const [name, one] of entries(cases)) {
      if (one.free) continue;
      for (const { action, resources } of permissionsOf(service, name, one)) {
        if (one.beyondReference && action in one.beyondReference) continue;
        const facts = await actionFacts(action);
        assert.ok(facts, `${service.name}:${name}: AWS has no action ${action}`);
        for (const resource of resources) {
          if (resource === 'caller') continue;
          if (resource === '*') {
            const required: string[] = facts.resourceTypes.filter((type) => type.required).map((type) => type.name);
            assert.deepEqual(required, [], `${service.name}:${name}: ${action} is for single resources`);
          } else {
            assert.ok(
              await resourceTypeOf(action, resource),
              `${service.name}:${name}: ${action} takes no ${resource}`,
            );
          }
        }
      }
    }
  });

  test(`${service.name}: the condition keys of each case are known`, async () => {
    for (const [name, one] of entries(cases)) {
      const operation = service.operations[name];
      const scope = { account: ACCOUNT, region: 'us-east-1' };
      const found = await store.read(async (tx) => operation?.conditions?.(one.input, scope, tx));
      assert.deepEqual(found ?? {}, one.conditions ?? {}, `${service.name}:${name}`);
    }
  });
}

function entries(cases: AuthorizationCases<any>): [string, AnyCase][] {
  return Object.entries(cases) as [string, AnyCase][];
}
