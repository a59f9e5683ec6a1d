import type { Principal } from '../identity/principal.ts';
import type { Scope } from '../kernel/arn.ts';
import type { ReadTx } from '../store/store.ts';
import type { Context } from './context.ts';
import type { Input, OperationName, Output, ServiceName } from './clients.ts';

/** One operation of one service: its name in the code is its name on the wire, so grep finds it. */
export interface Operation<S extends ServiceName, O extends OperationName<S>, Ports> extends Definition<S, O, Ports> {
  readonly name: O;
}

export interface Definition<S extends ServiceName, O extends OperationName<S>, Ports> {
  /** The IAM action, where it is not `service:OperationName`. */
  readonly action?: string;
  /**
   * The ARNs that the call touches, for authorization, each of which must be allowed; `*` where AWS has no
   * resource-level permission. `tx` is for ARNs that the input alone does not tell, e.g. a user's path.
   */
  readonly resources: (input: Input<S, O>, scope: Scope, tx: ReadTx) => Eventually<readonly string[]>;
  /**
   * The service's own condition keys that the input tells, in lower case: `{ 'ecs:cluster': arn }`. Tags in the request
   * (aws:RequestTag, aws:TagKeys) are read off the input's Tags, TagSpecifications and TagKeys for every operation.
   */
  readonly conditions?: (input: Input<S, O>, scope: Scope, tx: ReadTx) => Eventually<ConditionValues>;
  /** What the caller must be allowed besides: iam:PassRole on roles that it hands over, tagging on creation. */
  readonly also?: (
    input: Input<S, O>,
    scope: Scope,
    tx: ReadTx,
    caller?: Principal,
  ) => Eventually<readonly Permission[]>;
  /**
   * All that the call takes, each permission with just its own keys, those of tags in the request too: in place of
   * `conditions` and `also` where policies tell what one call makes and uses apart, as of ec2:RunInstances.
   */
  readonly permissions?: (input: Input<S, O>, scope: Scope, tx: ReadTx) => Promise<readonly Permission[]>;
  /** Never changes anything: CloudTrail's readOnly. */
  readonly readOnly?: true;
  /** What CloudTrail calls a data event (an object, a log line): no management event is recorded of it. */
  readonly dataEvent?: true;
  /** Checks rules, calls the domain, writes rows, answers a view. At most one `ctx.write`. */
  readonly handle: (ctx: Context<Ports>, input: Input<S, O>) => Promise<Output<S, O>>;
}

/** Keys in lower case; a list is a multivalued key. */
export type ConditionValues = Readonly<Record<string, string | readonly string[]>>;

export interface Permission {
  /** e.g. `iam:PassRole` */
  readonly action: string;
  readonly resources: readonly string[];
  /** e.g. `{ 'iam:passedtoservice': 'ecs-tasks.amazonaws.com' }` */
  readonly conditions?: ConditionValues;
}

/** Among `resources`: the ARN of whoever calls, where IAM takes a missing name as the caller's own. */
export const CALLER = 'caller';

export type Eventually<T> = T | Promise<T>;

/** An operation whose types are not known: how the gateway holds it. */
export interface AnyOperation {
  readonly name: string;
  readonly action?: string;
  readonly resources: (input: any, scope: Scope, tx: ReadTx) => Eventually<readonly string[]>;
  readonly conditions?: (input: any, scope: Scope, tx: ReadTx) => Eventually<ConditionValues>;
  readonly also?: (input: any, scope: Scope, tx: ReadTx, caller?: Principal) => Eventually<readonly Permission[]>;
  readonly permissions?: (input: any, scope: Scope, tx: ReadTx) => Promise<readonly Permission[]>;
  readonly readOnly?: true;
  readonly dataEvent?: true;
  readonly handle: (ctx: Context<any>, input: any) => Promise<object>;
}

/**
 * Gives a service its own `operation` function, so that a handler is written as
 * `export const CreateCluster = operation('CreateCluster', { ... })` and is typed by the SDK.
 */
export function operationsOf<S extends ServiceName, Ports = Record<never, never>>() {
  return function operation<O extends OperationName<S>>(
    name: O,
    definition: Definition<S, O, Ports>,
  ): Operation<S, O, Ports> {
    return { name, ...definition };
  };
}
