import type { Scope } from '../kernel/arn.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { AnyReconciler } from '../reconcile/reconciler.ts';
import type { Store, Table } from '../store/store.ts';
import type { ServiceName } from './clients.ts';
import type { Call } from './context.ts';
import type { AnyOperation } from './operation.ts';

/** All that a service is to the rest of the house: the only export of `services/X/index.ts`. */
export interface Service<Ports = Record<never, never>> {
  readonly name: ServiceName;
  /** The principal it acts under, e.g. `ecs.amazonaws.com`. */
  readonly principal: string;
  readonly operations: Readonly<Record<string, AnyOperation>>;
  readonly tables: readonly Table<any>[];
  readonly reconcilers: (env: ServiceEnvironment<Ports>) => readonly AnyReconciler[];
}

/** What a service's reconcilers are made of. */
export interface ServiceEnvironment<Ports> {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly ports: Ports;
  readonly endpoint: string;
  /** Calls as this service, in a scope. */
  readonly callIn: (scope: Scope) => Call;
}
