import type { Instance } from '@aws-sdk/client-ec2';
import type { RegisterContainerInstanceCommandInput } from '@aws-sdk/client-ecs';
import type { Call, Context } from '../../api/context.ts';
import { ServiceError } from '../../kernel/errors.ts';
import { formatArn } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import type { ReadTx, Stored } from '../../store/store.ts';
import { containerInstances } from './container-instance-tables.ts';
import type { AttributeRow, ContainerInstanceRow } from './container-instance-tables.ts';
import { withAttributes } from './domain/registration.ts';
import type { Registration } from './domain/registration.ts';
import { clientError } from './errors.ts';
import { managedInstances } from './managed-instance-tables.ts';
import type { ClusterRow } from './tables.ts';

/** An instance as EC2 knows it. */
export interface DescribedInstance {
  readonly instance: Instance;
  readonly interfaces: number;
}

/**
 * Asks EC2, under ECS's own name.
 * @throws ClientException for an instance that does not run
 */
export async function describedInstance(call: Call, ec2InstanceId: string): Promise<DescribedInstance> {
  const instance = await findEc2Instance(call, ec2InstanceId);
  if (instance?.State?.Name !== 'running') throw clientError(`The instance ${ec2InstanceId} is not running.`);
  const types = instance.InstanceType
    ? await call('ec2', 'DescribeInstanceTypes', { InstanceTypes: [instance.InstanceType] })
    : {};
  const most = types.InstanceTypes?.[0]?.NetworkInfo?.MaximumNetworkInterfaces ?? 2;
  // The first is the instance's own.
  return { instance, interfaces: most - 1 };
}

/** Undefined for an instance that EC2 does not know (any more). */
export async function findEc2Instance(call: Call, ec2InstanceId: string): Promise<Instance | undefined> {
  try {
    const { Reservations = [] } = await call('ec2', 'DescribeInstances', { InstanceIds: [ec2InstanceId] });
    return Reservations[0]?.Instances?.[0];
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'InvalidInstanceID.NotFound') return undefined;
    throw error;
  }
}

interface Registering {
  readonly input: RegisterContainerInstanceCommandInput;
  readonly wanted: Registration;
  readonly ec2: DescribedInstance;
  readonly cluster: ClusterRow;
  readonly tags: Tags;
}

/**
 * The row of a registration: a new one, or that of the instance as it was registered before.
 * @throws ClientException for an instance that has left the cluster, is of another cluster, or is another machine now
 */
export async function registeredRow(
  tx: ReadTx,
  ctx: Context,
  { input, wanted, ec2: { instance, interfaces }, cluster, tags }: Registering,
): Promise<ContainerInstanceRow | Stored<ContainerInstanceRow>> {
  const known = await tx.list(containerInstances, { where: ['ec2', wanted.ec2InstanceId] });
  const named = known.find((row) => row.arn === input.containerInstanceArn);
  if (named && named.clusterArn !== cluster.arn) {
    throw clientError(`The container instance ${named.arn} is not registered with the cluster ${cluster.name}.`);
  }
  const before = named ?? known.find((row) => row.clusterArn === cluster.arn);
  if (before?.status === 'INACTIVE') throw clientError(`The container instance ${before.arn} is INACTIVE.`);
  const instanceType = instance.InstanceType ?? '';
  if (before && before.instanceType !== instanceType) {
    throw clientError('Container instance type changes are not supported.');
  }
  const [managed] = await tx.list(managedInstances, { where: ['ec2', wanted.ec2InstanceId] });
  const capacityProviderName = before?.capacityProviderName ?? managed?.providerName;
  const id = before?.id ?? ctx.ids.hex(32);
  const { agentVersion, agentHash, dockerVersion } = input.versionInfo ?? {};
  return {
    ...(before && { revision: before.revision }),
    account: ctx.account,
    region: ctx.region,
    arn: before?.arn ?? formatArn('ecs', ctx, `container-instance/${cluster.name}/${id}`),
    id,
    clusterArn: cluster.arn,
    ec2InstanceId: wanted.ec2InstanceId,
    instanceType,
    ...(capacityProviderName === undefined ? {} : { capacityProviderName }),
    vpcId: instance.VpcId ?? '',
    availabilityZone: instance.Placement?.AvailabilityZone ?? '',
    status: before?.status ?? 'ACTIVE',
    ...(before?.awaitsDaemons && { awaitsDaemons: true }),
    agentConnected: true,
    agentChangedAtMs: before?.agentConnected ? before.agentChangedAtMs : ctx.now,
    versionInfo: {
      ...(agentVersion === undefined ? {} : { agentVersion }),
      ...(agentHash === undefined ? {} : { agentHash }),
      ...(dockerVersion === undefined ? {} : { dockerVersion }),
    },
    cpu: wanted.cpu,
    memory: wanted.memory,
    reservedPorts: wanted.reservedPorts,
    interfaces,
    attributes: withAttributes(before?.attributes ?? [], [...wanted.attributes, ...ownAttributes(instance)]),
    registeredAtMs: before?.registeredAtMs ?? ctx.now,
    tags: before?.tags ?? tags,
    version: (before?.version ?? 0) + 1,
  };
}

/** What ECS itself says of an instance: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-constraints.html#attributes */
function ownAttributes(instance: Instance): AttributeRow[] {
  const values = {
    'ecs.availability-zone': instance.Placement?.AvailabilityZone,
    'ecs.instance-type': instance.InstanceType,
    'ecs.ami-id': instance.ImageId,
    'ecs.vpc-id': instance.VpcId,
    'ecs.subnet-id': instance.SubnetId,
  };
  return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}
