import { operationsOf } from '../../api/operation.ts';
import type { Executor } from '../../executor/executor.ts';

/** What the composition root lends ECS. */
export interface EcsPorts {
  readonly executor: Pick<Executor, 'ensure' | 'reap'>;
  /** `host:port` of this server's registry, as it stands in repository URIs. */
  readonly registryHost: string;
  /** How long a stopped task can still be described. */
  readonly stoppedTaskRetentionMs: number;
}

export const operation = operationsOf<'ecs', EcsPorts>();
