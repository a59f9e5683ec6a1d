import type { Scope } from '../kernel/arn.ts';
import { FakeClock } from '../kernel/clock.ts';
import { Conflict } from '../kernel/errors.ts';
import { seededIds } from '../kernel/ids.ts';
import { silentLog } from '../kernel/log.ts';
import { ReconcileDriver } from '../reconcile/driver.ts';
import { SqliteStore } from '../store/sqlite/sqlite-store.ts';
import type { Input, OperationName, Output, ServiceName } from './clients.ts';
import type { Call, Principal } from './context.ts';
import { createContext, rootPrincipal, servicePrincipal } from './invoke.ts';
import type { Service } from './service.ts';

/** What the service under test hears when it calls another: by `service:Operation`. */
export type FakeCalls = Readonly<Record<string, (input: any, scope: Scope) => unknown>>;

export interface TestService<S extends ServiceName> {
  /** Calls an operation as the gateway does once it has authorized and validated it. */
  call<O extends OperationName<S>>(
    operation: O,
    input: Input<S, O>,
    options?: Partial<Scope> & { readonly principal?: Principal },
  ): Promise<Output<S, O>>;
  readonly store: SqliteStore;
  readonly clock: FakeClock;
  /** Looks at every key of every reconciler, until nothing is due. */
  reconcile(): Promise<void>;
  close(): Promise<void>;
}

/** As the gateway's. */
const ATTEMPTS_ON_CONFLICT = 5;

export const TEST_SCOPE: Scope = { account: '123456789012', region: 'us-east-1' };

/** One service over a real store in memory, with a fake clock and seeded ids: unit tests of operations and reconcilers. */
export function openTestService<S extends ServiceName, Ports>(
  _name: S,
  service: Service<Ports>,
  ports: Ports,
  options: { readonly calls?: FakeCalls } = {},
): TestService<S> {
  const store = new SqliteStore(':memory:');
  const clock = new FakeClock();
  const ids = seededIds(1);
  const endpoint = 'http://127.0.0.1:4566';
  const callIn = (scope: Scope): Call => fakeCall(options.calls ?? {}, scope);
  const driver = new ReconcileDriver(
    service.reconcilers({ store, clock, ids, log: silentLog, ports, endpoint, callIn }),
    { store, clock, log: silentLog },
  );
  let started = false;
  return {
    store,
    clock,
    async call(operation, input, where = {}) {
      const found = service.operations[operation];
      if (!found) throw new Error(`${service.name} has no operation ${operation}`);
      const scope = { account: where.account ?? TEST_SCOPE.account, region: where.region ?? TEST_SCOPE.region };
      const context = () =>
        createContext({
          ...scope,
          principal: where.principal ?? rootPrincipal(scope.account),
          requestId: ids.uuid(),
          sourceIp: '127.0.0.1',
          now: clock.now(),
          ids,
          log: silentLog,
          ports,
          endpoint,
          store,
          call: callIn(scope),
          callAsCaller: callIn(scope),
        });
      for (let attempt = 1; ; attempt++) {
        try {
          return (await found.handle(context(), input)) as Output<S, typeof operation>;
        } catch (error) {
          if (!(error instanceof Conflict) || attempt >= ATTEMPTS_ON_CONFLICT) throw error;
        }
      }
    },
    async reconcile() {
      if (!started) await driver.start();
      started = true;
      await driver.resync();
      await driver.quiet();
    },
    async close() {
      await driver.stop();
      await store.close();
    },
  };
}

/** A principal for tests of what a service may do that a user may not. */
export function testServicePrincipal(service: string): Principal {
  return servicePrincipal(service, TEST_SCOPE.account);
}

/** How a service under test calls others. */
export function fakeCall(calls: FakeCalls, scope: Scope): Call {
  return async (service, operation, input) => {
    const answer = calls[`${service}:${operation}`];
    if (!answer)
      throw new Error(`The service under test called ${service}:${operation}, which this test does not fake.`);
    return (await answer(input, scope)) as Output<typeof service, typeof operation>;
  };
}
