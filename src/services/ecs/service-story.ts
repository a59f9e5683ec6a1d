import type { Clock } from '../../kernel/clock.ts';
import type { Store } from '../../store/store.ts';
import { checkedContainers } from './domain/checked-containers.ts';
import { planService } from './domain/service-plan.ts';
import { services, taskDefinitions, tasks } from './tables.ts';
import type { ServiceRow, TimelineEntry } from './tables.ts';
import { countPending, countRunning } from './views/service.ts';

const EVENTS_SHOWN = 20;

/** What an operator wants to know of one service; times in ms since the epoch. */
export interface ServiceStory {
  readonly serviceArn: string;
  readonly clusterArn: string;
  readonly status: string;
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly pendingCount: number;
  /** One sentence: what is being done for it now, or why nothing is. */
  readonly why: string;
  /** Where its next task cannot go, and every reason: of each container instance. */
  readonly instances: readonly { readonly arn: string; readonly reasons: readonly string[] }[];
  /** The last ones, the oldest first. */
  readonly events: readonly TimelineEntry[];
}

/** The account's service with this ARN or name, in whichever region and cluster: the first that is not deleted. */
export async function findServiceRow(
  store: Pick<Store, 'read'>,
  account: string,
  reference: string,
): Promise<ServiceRow | undefined> {
  return store.read(async (tx) => {
    if (reference.startsWith('arn:')) {
      const row = await tx.get(services, reference);
      return row?.account === account ? row : undefined;
    }
    const named = (await tx.list(services)).filter((row) => row.account === account && row.name === reference);
    return named.find((row) => row.status !== 'INACTIVE') ?? named[0];
  });
}

export async function serviceStory(
  store: Pick<Store, 'read'>,
  clock: Clock,
  arn: string,
): Promise<ServiceStory | undefined> {
  return store.read(async (tx) => {
    const service = await tx.get(services, arn);
    if (!service) return undefined;
    const owned = await tx.list(tasks, { where: ['service', arn] });
    const checked = new Map<string, ReadonlySet<string>>();
    for (const definition of new Set(owned.map((task) => task.taskDefinitionArn))) {
      checked.set(definition, checkedContainers(await tx.get(taskDefinitions, definition)));
    }
    const { why } = planService({ service, tasks: owned, checkedContainers: checked }, clock.now());
    return {
      serviceArn: arn,
      clusterArn: service.clusterArn,
      status: service.status,
      desiredCount: service.desiredCount,
      runningCount: countRunning(owned),
      pendingCount: countPending(owned),
      why,
      instances: service.unplaced?.instances ?? [],
      events: service.events
        .slice(0, EVENTS_SHOWN)
        .toReversed()
        .map(({ atMs, message }) => ({ atMs, text: message })),
    };
  });
}
