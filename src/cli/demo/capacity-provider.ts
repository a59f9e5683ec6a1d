import { DescribePoliciesCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  type Cluster,
  CreateCapacityProviderCommand,
  type CreateCapacityProviderCommandInput,
  DeleteCapacityProviderCommand,
  DescribeCapacityProvidersCommand,
  DescribeClustersCommand,
  PutClusterCapacityProvidersCommand,
} from '@aws-sdk/client-ecs';
import { CliError } from '../cli-error.ts';
import { unless } from '../clients.ts';
import { CAPACITY } from './capacity.ts';
import { type SiteSession, sessionWait } from './session.ts';

const ATTACHED_TIMEOUT_MS = 60_000;
const RELEASE_TIMEOUT_MS = 90_000;

/** The group follows what the cluster's tasks need, and tasks go there unless they say otherwise. */
export async function ensureCapacityProvider(session: SiteSession, groupArn: string): Promise<void> {
  const { ecs } = session.clients;
  if (!(await isActive(session))) await ecs.send(new CreateCapacityProviderCommand(providerInput(groupArn)));
  const cluster = await findCluster(session);
  if (!cluster?.capacityProviders?.includes(CAPACITY.provider)) await associate(session, [CAPACITY.provider]);
  await attached(session);
}

export function providerInput(groupArn: string): CreateCapacityProviderCommandInput {
  return {
    name: CAPACITY.provider,
    autoScalingGroupProvider: {
      autoScalingGroupArn: groupArn,
      managedScaling: { status: 'ENABLED', instanceWarmupPeriod: 10 },
      managedTerminationProtection: 'ENABLED',
      // Only instances without a task go: there is nothing to drain.
      managedDraining: 'DISABLED',
    },
  };
}

/** For so long an instance is without a task before it goes. 0 when nothing scales. */
export async function scaleInSeconds({ clients }: SiteSession): Promise<number> {
  const { ScalingPolicies = [] } = await clients.autoscaling.send(
    new DescribePoliciesCommand({ AutoScalingGroupName: CAPACITY.group }),
  );
  const AlarmNames = ScalingPolicies.flatMap(({ Alarms = [] }) => Alarms.flatMap(({ AlarmName }) => AlarmName ?? []));
  if (AlarmNames.length === 0) return 0;
  const { MetricAlarms = [] } = await clients.cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames }));
  return Math.max(0, ...MetricAlarms.map(({ Period = 0, EvaluationPeriods = 0 }) => Period * EvaluationPeriods));
}

/** After the last task: it cannot leave a cluster that has some. */
export async function deleteCapacityProvider(session: SiteSession): Promise<void> {
  const { ecs } = session.clients;
  const cluster = await findCluster(session);
  if (cluster?.capacityProviders?.includes(CAPACITY.provider)) {
    await sessionWait(session, 'the capacity provider is no longer in use', RELEASE_TIMEOUT_MS, () =>
      unless(
        ['ResourceInUseException', 'UpdateInProgressException'],
        associate(session, []).then(() => true),
      ),
    );
    await attached(session);
  }
  if (!(await isActive(session))) return;
  await ecs.send(new DeleteCapacityProviderCommand({ capacityProvider: CAPACITY.provider }));
}

async function isActive({ clients }: SiteSession): Promise<boolean> {
  const { capacityProviders = [] } = await clients.ecs.send(
    new DescribeCapacityProvidersCommand({ capacityProviders: [CAPACITY.provider] }),
  );
  return capacityProviders.some(({ status }) => status === 'ACTIVE');
}

async function associate({ clients, site }: SiteSession, capacityProviders: string[]): Promise<void> {
  await clients.ecs.send(
    new PutClusterCapacityProvidersCommand({
      cluster: site.cluster,
      capacityProviders,
      defaultCapacityProviderStrategy: capacityProviders.map((capacityProvider) => ({ capacityProvider, weight: 1 })),
    }),
  );
}

/** Its scaling policy is on the group, or off it. */
async function attached(session: SiteSession): Promise<void> {
  await sessionWait(session, "the cluster's capacity provider is attached", ATTACHED_TIMEOUT_MS, async () => {
    const { attachmentsStatus } = (await findCluster(session)) ?? {};
    if (attachmentsStatus === 'UPDATE_FAILED') throw new CliError('the capacity provider cannot be attached');
    return attachmentsStatus === 'UPDATE_IN_PROGRESS' ? undefined : true;
  });
}

async function findCluster({ clients, site }: SiteSession): Promise<Cluster | undefined> {
  const { clusters = [] } = await clients.ecs.send(
    new DescribeClustersCommand({ clusters: [site.cluster], include: ['ATTACHMENTS'] }),
  );
  return clusters.find(({ status }) => status === 'ACTIVE');
}
