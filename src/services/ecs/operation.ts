import { operationsOf } from '../../api/operation.ts';
import type { Scope } from '../../kernel/arn.ts';
import type { Executor } from '../../executor/executor.ts';

/** What the composition root lends ECS. */
export interface EcsPorts {
  readonly executor: Pick<Executor, 'ensure' | 'reap'>;
  /** `host:port` of this server's registry, as it stands in repository URIs. */
  readonly registryHost: string;
  /** How long a stopped task can still be described. */
  readonly stoppedTaskRetentionMs: number;
  /** Whether ECS's tasks may assume a role now: it is there, and its trust policy lets them. */
  readonly mayAssume: (roleArn: string, scope: Scope) => Promise<boolean>;
}

export const operation = operationsOf<'ecs', EcsPorts>();
