import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Principal } from '../src/api/context.ts';
import { servicePrincipal, webIdentityPrincipal } from '../src/api/invoke.ts';
import { strictAuthentication } from '../src/gateway/authentication.ts';
import { Authorizer } from '../src/gateway/authorizer.ts';
import { Dispatcher } from '../src/gateway/dispatcher.ts';
import { answer } from '../src/gateway/pipeline.ts';
import type { Gateway } from '../src/gateway/pipeline.ts';
import { SessionTokens } from '../src/identity/session-credentials.ts';
import { systemClock } from '../src/kernel/clock.ts';
import { systemIds } from '../src/kernel/ids.ts';
import { silentLog } from '../src/kernel/log.ts';
import { SealedBox } from '../src/kernel/sealed-box.ts';
import { ecs } from '../src/services/ecs/index.ts';
import { iam, iamDirectory } from '../src/services/iam/index.ts';
import { accessKeys, users } from '../src/services/iam/tables.ts';
import { SqliteStore } from '../src/store/sqlite/sqlite-store.ts';
import { Contracts } from '../src/wire/contracts.ts';
import type { RawRequest } from '../src/wire/raw-request.ts';
import { EXAMPLE_KEY, openSdkClient } from '../src/wire/testing.ts';
import { alternate } from './measure.ts';
import { ACCOUNT, manyPolicies } from './policy.ts';
import { printTable, say } from './report.ts';

const ROUNDS = { warmUps: 2, rounds: 9 };
const CALLS = 500;
const CLUSTER = `arn:aws:ecs:us-east-1:${ACCOUNT}:cluster/bench`;

/**
 * How much of a small request is authorization: ecs:DescribeClusters by a user with ten policies of twenty statements,
 * through the whole pipeline over a store on disk, but without HTTP.
 */
export async function authorization(cleanup: AsyncDisposableStack): Promise<void> {
  const { gateway, authorizer, request, principal } = await openServer(cleanup);
  const operation = ecs.operations['DescribeClusters'];
  if (!operation) throw new Error('ECS has no DescribeClusters.');
  const facts = { sourceIp: '127.0.0.1', secure: false };
  const call = { principal, account: ACCOUNT, region: 'us-east-1', facts, service: 'ecs' as const, operation };
  const input = { clusters: ['bench'] };
  const samples = await alternate(ROUNDS, {
    whole: () => microsecondsEach(async () => void (await answer(request, '127.0.0.1', gateway))),
    authorize: () => microsecondsEach(async () => void (await authorizer.authorize({ ...call, input, now: 0 }))),
  });
  printTable('ecs:DescribeClusters, ten policies of twenty statements', 'µs', [
    { what: 'authorization', samples: samples.authorize, against: samples.whole },
    { what: 'the request, signature to answer, without HTTP', samples: samples.whole },
  ]);
  const last = await answer(request, '127.0.0.1', gateway);
  if (last.status !== 200) say(`The request was answered ${last.status}: ${last.body.toString()}`);
}

async function microsecondsEach(work: () => Promise<void>): Promise<number> {
  const beganAt = performance.now();
  for (let index = 0; index < CALLS; index++) await work();
  return ((performance.now() - beganAt) * 1000) / CALLS;
}

async function openServer(cleanup: AsyncDisposableStack) {
  const folder = mkdtempSync(join(tmpdir(), 'longshore-bench-'));
  cleanup.defer(() => rmSync(folder, { recursive: true }));
  const store = new SqliteStore(join(folder, 'store.db'));
  cleanup.defer(() => store.close());
  const box = new SealedBox(Buffer.alloc(32, 1), 'iam-access-keys', systemIds);
  const principal = await putUser(store, box);
  const directory = iamDirectory({ store, box, clock: systemClock });
  cleanup.defer(() => directory.close());
  const ports = { executor: { ensure() {}, async reap() {} }, registryHost: 'h', stoppedTaskRetentionMs: 0 };
  const services = [{ service: ecs, ports: { ...ports, mayAssume: async () => true } }];
  const messages = new SealedBox(Buffer.alloc(32, 2), 'authorization-messages', systemIds);
  const authorizer = new Authorizer({ services: [ecs, iam], store, directory, messages });
  const parts = { store, clock: systemClock, ids: systemIds, log: silentLog, audit: { record() {} } };
  const dispatcher = new Dispatcher({
    ...parts,
    services,
    authorizer,
    identityOf: async (service, { account }) => servicePrincipal(`${service}.amazonaws.com`, account),
    endpoint: 'http://127.0.0.1:4566',
  });
  const gateway: Gateway = {
    ...parts,
    dispatcher,
    contracts: new Contracts(),
    stranger: { principal: webIdentityPrincipal(ACCOUNT), scope: { account: ACCOUNT, region: 'us-east-1' } },
    authenticate: strictAuthentication({
      root: { accessKeyId: 'AKIAROOT', secretAccessKey: 'none' },
      account: ACCOUNT,
      sessions: new SessionTokens(Buffer.alloc(32, 3), systemIds),
      directory,
    }),
  };
  return { gateway, authorizer, principal, request: await signedRequest(gateway) };
}

/** With the example key, and one more policy that allows the request. */
async function putUser(store: SqliteStore, box: SealedBox): Promise<Principal> {
  const allowed = { Effect: 'Allow', Action: 'ecs:DescribeClusters', Resource: CLUSTER };
  const create = { Effect: 'Allow', Action: 'ecs:CreateCluster', Resource: '*' };
  const own = { Version: '2012-10-17', Statement: [allowed, create] };
  const inline = Object.fromEntries([...manyPolicies(), own].map((one, index) => [`p${index}`, JSON.stringify(one)]));
  const row = { account: ACCOUNT, name: 'alice', path: '/', id: 'AIDAEXAMPLEALICE0000', createdAtMs: 0 };
  await store.write(async (tx) => {
    await tx.put(users, { ...row, inline, attached: [], tags: {}, groups: [] });
    await tx.put(accessKeys, {
      id: EXAMPLE_KEY.accessKeyId,
      account: ACCOUNT,
      userName: 'alice',
      status: 'Active',
      createdAtMs: 0,
      sealedSecret: box.seal(EXAMPLE_KEY.secretAccessKey),
    });
  });
  const arn = `arn:aws:iam::${ACCOUNT}:user/alice`;
  return { kind: 'user', account: ACCOUNT, arn, userId: row.id, userName: 'alice' };
}

/** DescribeClusters as the SDK signs it; it can be sent again for a quarter of an hour. */
async function signedRequest(gateway: Gateway): Promise<RawRequest> {
  let seen: RawRequest | undefined;
  const client = await openSdkClient(
    'ecs',
    (request) => {
      seen = request;
      return answer(request, '127.0.0.1', gateway);
    },
    { region: 'us-east-1' },
  );
  await client.send('CreateCluster', { clusterName: 'bench' });
  await client.send('DescribeClusters', { clusters: ['bench'] });
  if (!seen) throw new Error('The SDK sent nothing.');
  return seen;
}
