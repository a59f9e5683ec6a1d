import type { TargetDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Instance } from '@aws-sdk/client-ec2';
import type { Call } from '../../api/context.ts';
import { ServiceError } from '../../kernel/errors.ts';
import { invalidTarget } from './errors.ts';
import type { TargetGroupRow, TargetRow } from './tables.ts';

/** What a group knows a target by: its instance, where it is of that type, or its address. */
export function idOf({ instanceId, ip }: Pick<TargetRow, 'instanceId' | 'ip'>): string {
  return instanceId ?? ip;
}

/** The registered target that is meant; an instance is known by its id also when it is gone. */
export function registered<R extends TargetRow>(
  rows: readonly R[],
  group: TargetGroupRow,
  { Id, Port = group.port }: TargetDescription,
): R | undefined {
  return rows.find((row) => idOf(row) === Id && row.port === Port);
}

/**
 * Instances as targets of a group of that type: traffic goes to the address of the primary network interface.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-register-targets.html
 * @throws InvalidTargetException for what is no instance that runs in the group's VPC
 */
export async function instanceTargets(
  call: Call,
  group: TargetGroupRow,
  wanted: readonly TargetDescription[],
): Promise<TargetRow[]> {
  const ids = [...new Set(wanted.map(({ Id = '' }) => Id))];
  const instances = await describe(call, ids);
  return wanted.map(({ Id = '', Port: port = group.port }) => {
    const instance = instances.find(({ InstanceId }) => InstanceId === Id);
    if (!instance) throw invalidTarget(`Instance ID '${Id}' is not valid`);
    if (instance.State?.Name !== 'running') {
      throw invalidTarget(`The following targets are not in a running state and cannot be registered: '${Id}'`);
    }
    if (instance.VpcId !== group.vpcId) {
      throw invalidTarget(`The following targets are not in the target group VPC '${group.vpcId}': '${Id}'`);
    }
    const zoneName = instance.Placement?.AvailabilityZone;
    return {
      targetGroupArn: group.arn,
      vpcId: group.vpcId,
      ip: instance.PrivateIpAddress ?? '',
      port,
      instanceId: Id,
      ...(zoneName === undefined ? {} : { zoneName }),
    };
  });
}

async function describe(call: Call, ids: readonly string[]): Promise<Instance[]> {
  if (ids.length === 0) return [];
  try {
    const { Reservations = [] } = await call('ec2', 'DescribeInstances', { InstanceIds: [...ids] });
    return Reservations.flatMap(({ Instances = [] }) => Instances);
  } catch (error) {
    if (error instanceof ServiceError && error.code.startsWith('InvalidInstanceID')) {
      throw invalidTarget(`Instance ID '${ids.join("', '")}' is not valid`);
    }
    throw error;
  }
}
