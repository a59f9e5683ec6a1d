import type { Context } from '../../api/context.ts';
import { operationsOf } from '../../api/operation.ts';
import type { Principal } from '../../identity/principal.ts';
import type { Scope } from '../../kernel/arn.ts';

/** One measurement of a group. */
export interface GroupMeasurement {
  /** e.g. `GroupInServiceInstances` */
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What the composition root lends it. */
export interface AutoscalingPorts {
  /** CloudWatch, for the metrics of groups whose collection is enabled; left out: none are kept. */
  readonly metrics?: {
    put(scope: Scope, namespace: string, measurements: readonly GroupMeasurement[]): Promise<void>;
  };
  /**
   * The caller must hold iam:PassRole on a role that instances get.
   * @throws ServiceError AccessDeniedException
   */
  readonly passRole?: (caller: Principal, roleArn: string, scope: Scope) => Promise<void>;
  /** How many periods a capacity provider must have free instances before they go; left out: AWS's 15. */
  readonly managedScaleInPeriods?: number;
}

export type AutoscalingContext = Context<AutoscalingPorts>;

export const operation = operationsOf<'autoscaling', AutoscalingPorts>();
