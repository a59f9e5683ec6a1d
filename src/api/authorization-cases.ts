import type { Input, OperationName, ServiceName } from './clients.ts';
import type { ConditionValues, Permission } from './operation.ts';

/** For every operation of a service: what a sample call must be allowed. The test in src/server walks them all. */
export type AuthorizationCases<S extends ServiceName> = { readonly [O in OperationName<S>]?: AuthorizationCase<S, O> };

/** Of account 123456789012 in us-east-1. */
export interface AuthorizationCase<S extends ServiceName, O extends OperationName<S>> {
  readonly input: Input<S, O>;
  /** Where it is not `service:Operation`. */
  readonly action?: string;
  /** Exactly the ARNs that must be allowed; `['*']` for an action without resources. */
  readonly resources: readonly string[];
  /** The service's own condition keys. */
  readonly conditions?: ConditionValues;
  readonly also?: readonly Permission[];
  /** Actions that AWS documents on these ARNs elsewhere than in its reference: where. */
  readonly beyondReference?: Readonly<Record<string, string>>;
  /** No policy of the caller is asked: sts:GetCallerIdentity, or what a token alone decides. */
  readonly free?: true;
}
