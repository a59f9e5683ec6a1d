import type { Call } from '../../../api/context.ts';
import type { ServiceEnvironment } from '../../../api/service.ts';
import type { World } from '../domain/member-step.ts';
import type { StoredFacts } from '../facts.ts';
import { healthOf } from '../target-health.ts';

const MOST_IDS = 200;
/** Codes of a Spot request whose instance has its notice. */
const MARKED = ['marked-for-termination', 'marked-for-stop'] as const;

/** What EC2 and load balancing say now. */
export async function look({ callIn }: Pick<ServiceEnvironment<object>, 'callIn'>, facts: StoredFacts): Promise<World> {
  const call = callIn(facts.group);
  return {
    instances: await instancesOf(call, facts),
    targets: await targetsOf(call, facts),
    notices: await noticesOf(call, facts),
  };
}

async function instancesOf(call: Call, { members }: StoredFacts): Promise<World['instances']> {
  const ids = members.flatMap(({ instanceId }) => instanceId ?? []);
  const found = new Map<string, { state: string; reason: string }>();
  for (let from = 0; from < ids.length; from += MOST_IDS) {
    // A filter: ids that EC2 does not know any more are no error then.
    const Filters = [{ Name: 'instance-id', Values: ids.slice(from, from + MOST_IDS) }];
    const { Reservations = [] } = await call('ec2', 'DescribeInstances', { Filters });
    for (const { InstanceId = '', State, StateReason } of Reservations.flatMap((one) => one.Instances ?? [])) {
      found.set(InstanceId, {
        state: State?.Name ?? 'pending',
        reason: StateReason?.Message ?? StateReason?.Code ?? '',
      });
    }
  }
  return found;
}

/** Of a group that replaces instances before EC2 takes them: a launch template can ask for Spot capacity as well. */
async function noticesOf(call: Call, { group, members }: StoredFacts): Promise<World['notices']> {
  const found = new Map<string, number>();
  if (!group.recorded.CapacityRebalance) return found;
  const unnoticed = members.filter((one) => one.state === 'InService' && one.noticedAtMs === undefined);
  const ids = unnoticed.flatMap(({ instanceId }) => instanceId ?? []);
  const most = MOST_IDS - MARKED.length;
  for (let from = 0; from < ids.length; from += most) {
    const Filters = [
      { Name: 'instance-id', Values: ids.slice(from, from + most) },
      { Name: 'status-code', Values: [...MARKED] },
    ];
    const { SpotInstanceRequests = [] } = await call('ec2', 'DescribeSpotInstanceRequests', { Filters });
    for (const { InstanceId = '', Status } of SpotInstanceRequests) {
      found.set(InstanceId, Status?.UpdateTime?.getTime() ?? 0);
    }
  }
  return found;
}

/** Asked only where it counts: for health by load balancing, and while something drains. */
async function targetsOf(call: Call, { group, members }: StoredFacts): Promise<World['targets']> {
  const asked = new Set(members.flatMap(({ draining }) => draining));
  if (group.healthCheckType === 'ELB')
    for (const arn of members.flatMap(({ registered }) => registered)) asked.add(arn);
  const states = await Promise.all([...asked].map(async (arn) => [arn, await healthOf(call, arn)] as const));
  return new Map(states);
}
