import type { Scope } from '../kernel/arn.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { Tags } from '../kernel/tags.ts';
import type { AnyReconciler } from '../reconcile/reconciler.ts';
import type { ReadTx, Store, Table } from '../store/store.ts';
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
  /** The tags of the resource behind one of this service's ARNs, for aws:ResourceTag; undefined where there is none. */
  readonly resourceTags?: (tx: ReadTx, arn: string) => Promise<Tags | undefined>;
  /** The account of a resource whose ARN names none: a bucket's. */
  readonly resourceAccount?: (tx: ReadTx, arn: string) => Promise<string | undefined>;
  /** The policy on the resource behind one of this service's ARNs, as text: a bucket's, a repository's, a role's trust policy. */
  readonly resourcePolicy?: (tx: ReadTx, arn: string) => Promise<string | undefined>;
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
  readonly callIn: (scope: Scope, as?: CallAs) => Call;
}

/** In whose name a service calls, where it is not its own service-linked role, or its service principal if it has none. */
export interface CallAs {
  /** What it calls for: `aws:SourceArn`, and `aws:SourceAccount` with it. The call is then made by the service principal. */
  readonly sourceArn?: string;
  /** The service principal of another of its service-linked roles: the one for a part of what it does, e.g. `pullthroughcache.ecr.amazonaws.com`. */
  readonly linkedTo?: string;
  /** Under which other name of AWS's it acts: a service principal, or an account of AWS's own as twelve digits. */
  readonly principal?: string;
  /** A role handed to the service. Its trust policy must let `service` (this service's principal if left out) assume it. */
  readonly role?: {
    readonly arn: string;
    readonly sessionName: string;
    readonly service?: string;
    /** The service is seen to call through the role: `aws:CalledVia`. */
    readonly isVisible?: true;
  };
}
