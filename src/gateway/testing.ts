import type { Context } from '../api/context.ts';
import type { AuditRecord } from '../api/audit.ts';
import { rootPrincipal, servicePrincipal, webIdentityPrincipal } from '../api/invoke.ts';
import { operationsOf } from '../api/operation.ts';
import type { Service } from '../api/service.ts';
import { SessionTokens } from '../identity/session-credentials.ts';
import { FakeClock } from '../kernel/clock.ts';
import { seededIds } from '../kernel/ids.ts';
import { SealedBox } from '../kernel/sealed-box.ts';
import { createLog } from '../kernel/log.ts';
import { ecs } from '../services/ecs/index.ts';
import { sts } from '../services/sts/index.ts';
import { SqliteStore } from '../store/sqlite/sqlite-store.ts';
import { Contracts } from '../wire/contracts.ts';
import type { WireService } from '../wire/contracts.ts';
import type { RawRequest, RawResponse } from '../wire/raw-request.ts';
import { EXAMPLE_KEY, openSdkClient } from '../wire/testing.ts';
import type { SdkClient } from '../wire/testing.ts';
import { strictAuthentication } from './authentication.ts';
import { Authorizer } from './authorizer.ts';
import { Dispatcher } from './dispatcher.ts';
import type { DispatcherOptions } from './dispatcher.ts';
import { answer } from './pipeline.ts';
import type { Gateway } from './pipeline.ts';
import { testDirectory } from './testing-directory.ts';
import type { TestDirectory } from './testing-directory.ts';

export const ACCOUNT = '123456789012';
export const ROOT = rootPrincipal(ACCOUNT);
export const SESSIONS = new SessionTokens(Buffer.alloc(32, 1), seededIds(4));

export interface TestGateway {
  readonly gateway: Gateway;
  readonly dispatcher: Dispatcher;
  readonly store: SqliteStore;
  readonly directory: TestDirectory;
  /** What the audit trail was told. */
  readonly records: AuditRecord[];
  readonly logged: string[];
  /** Every answer, as it stood on the wire. */
  readonly answers: RawResponse[];
  answer(request: RawRequest): Promise<RawResponse>;
  /** An SDK client whose requests go through the whole pipeline; `onWire` may change them after they are signed. */
  client(service: WireService, config?: object, onWire?: (request: RawRequest) => RawRequest): Promise<SdkClient>;
  close(): Promise<void>;
}

const noKeys = async () => {
  throw new Error('No provider is asked here.');
};

export const BUILT: DispatcherOptions['services'] = [
  {
    service: sts,
    ports: {
      sessions: SESSIONS,
      messages: new SealedBox(Buffer.alloc(32, 2), 'authorization-messages', seededIds(5)),
      keySets: { known: noKeys, renewed: noKeys },
    },
  },
  {
    service: ecs,
    ports: {
      executor: { ensure() {}, async reap() {} },
      registryHost: 'h',
      stoppedTaskRetentionMs: 0,
      mayAssume: async () => true,
    },
  },
];

/** The real pipeline and dispatcher, by default over the real sts and ecs. */
export function openTestGateway(change: Partial<Gateway> = {}, services = BUILT): TestGateway {
  const store = new SqliteStore(':memory:');
  const logged: string[] = [];
  // The SDK signs with the machine's time.
  const clock = new FakeClock(Date.now());
  const log = createLog({ level: 'debug', format: 'json', now: () => clock.now(), write: (line) => logged.push(line) });
  const ids = seededIds(3);
  const directory = testDirectory();
  const messages = new SealedBox(Buffer.alloc(32, 2), 'authorization-messages', ids);
  const records: AuditRecord[] = [];
  const audit = { record: (record: AuditRecord) => void records.push(record) };
  const dispatcher = new Dispatcher({
    services,
    authorizer: new Authorizer({ services: services.map(({ service }) => service), store, directory, messages }),
    identityOf: async (service, { account }) => servicePrincipal(`${service}.amazonaws.com`, account),
    audit,
    store,
    clock,
    ids,
    log,
    endpoint: 'http://127.0.0.1:4566',
  });
  const gateway: Gateway = {
    contracts: new Contracts(),
    dispatcher,
    audit,
    stranger: { principal: webIdentityPrincipal(ACCOUNT), scope: { account: ACCOUNT, region: 'us-east-1' } },
    authenticate: strictAuthentication({ root: EXAMPLE_KEY, account: ACCOUNT, sessions: SESSIONS, directory }),
    clock,
    ids,
    log,
    ...change,
  };
  const answers: RawResponse[] = [];
  const toGateway = async (request: RawRequest) => {
    const answered = await answer(request, '127.0.0.1', gateway);
    answers.push(answered);
    return answered;
  };
  return {
    gateway,
    dispatcher,
    store,
    directory,
    records,
    logged,
    answers,
    answer: toGateway,
    client: (service, config = {}, onWire = (request) => request) =>
      openSdkClient(service, (request) => toGateway(onWire(request)), { ...config }),
    close: () => store.close(),
  };
}

/** The error that a client sees, as `status code: message`. */
export async function refusal(call: Promise<object>): Promise<string> {
  try {
    await call;
  } catch (error: any) {
    return `${error.$metadata?.httpStatusCode} ${error.name}: ${error.message}`;
  }
  return 'accepted';
}

const operation = operationsOf<'logs'>();

/** A service `logs` whose one operation does as the test says. */
export function oddService(handle: (ctx: Context) => Promise<object>): DispatcherOptions['services'][number] {
  const service: Service = {
    name: 'logs',
    principal: 'logs.amazonaws.com',
    operations: { DescribeLogGroups: operation('DescribeLogGroups', { resources: () => ['*'], handle }) },
    tables: [],
    reconcilers: () => [],
  };
  return { service, ports: {} };
}
