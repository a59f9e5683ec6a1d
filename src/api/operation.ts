import type { Scope } from '../kernel/arn.ts';
import type { Context } from './context.ts';
import type { Input, OperationName, Output, ServiceName } from './clients.ts';

/** One operation of one service: its name in the code is its name on the wire, so grep finds it. */
export interface Operation<S extends ServiceName, O extends OperationName<S>, Ports> extends Definition<S, O, Ports> {
  readonly name: O;
}

export interface Definition<S extends ServiceName, O extends OperationName<S>, Ports> {
  /** The IAM action, where it is not `service:OperationName`. */
  readonly action?: string;
  /** The ARNs that the call touches, for authorization; `*` where AWS has no resource-level permission. */
  readonly resources: (input: Input<S, O>, scope: Scope) => readonly string[];
  /** Never changes anything: CloudTrail's readOnly. */
  readonly readOnly?: true;
  /** Checks rules, calls the domain, writes rows, answers a view. At most one `ctx.write`. */
  readonly handle: (ctx: Context<Ports>, input: Input<S, O>) => Promise<Output<S, O>>;
}

/** An operation whose types are not known: how the gateway holds it. */
export interface AnyOperation {
  readonly name: string;
  readonly action?: string;
  readonly resources: (input: any, scope: Scope) => readonly string[];
  readonly readOnly?: true;
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
