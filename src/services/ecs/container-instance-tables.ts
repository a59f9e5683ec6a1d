import type { PlacementConstraint, PlacementStrategy } from '@aws-sdk/client-ecs';
import { scopeKey } from '../../kernel/arn.ts';
import type { Scope } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import { table } from '../../store/store.ts';

/** Host ports, TCP's and UDP's apart. */
export interface HostPortsRow {
  readonly tcp: readonly number[];
  readonly udp: readonly number[];
}

export interface AttributeRow {
  readonly name: string;
  readonly value?: string;
}

/** An EC2 instance that has joined a cluster. Times in ms since the epoch. */
export interface ContainerInstanceRow extends Scope {
  readonly arn: string;
  readonly id: string;
  readonly clusterArn: string;
  readonly ec2InstanceId: string;
  readonly instanceType: string;
  /** Of an instance of a capacity provider's Auto Scaling group. */
  readonly capacityProviderName?: string;
  readonly vpcId: string;
  readonly availabilityZone: string;
  readonly status: 'ACTIVE' | 'DRAINING' | 'INACTIVE';
  readonly agentConnected: boolean;
  /** It takes no task until its critical daemons run, and others have their room: its status is REGISTERING. */
  readonly awaitsDaemons?: true;
  /** When the agent connected, or was lost, last. */
  readonly agentChangedAtMs: number;
  readonly versionInfo: {
    readonly agentVersion?: string;
    readonly agentHash?: string;
    readonly dockerVersion?: string;
  };
  /** What it has registered: CPU units, MiB, the ports that no task may have. */
  readonly cpu: number;
  readonly memory: number;
  readonly reservedPorts: HostPortsRow;
  /** How many tasks can have network interfaces of their own. */
  readonly interfaces: number;
  /** The agent's, ECS's own and those that were put; sorted by name. */
  readonly attributes: readonly AttributeRow[];
  readonly registeredAtMs: number;
  readonly deregisteredAtMs?: number;
  readonly tags: Tags;
  /** How often it was changed. */
  readonly version: number;
}

export const containerInstances = table<ContainerInstanceRow>('ecs.container-instances', (row) => row.arn, {
  scope: scopeKey,
  cluster: (row) => row.clusterArn,
  ec2: (row) => row.ec2InstanceId,
});

/** What a task takes of its instance: CPU units, MiB, the host ports that it names itself, network interfaces. */
export interface ReservationRow {
  readonly cpu: number;
  readonly memory: number;
  readonly ports: HostPortsRow;
  readonly interfaces: number;
}

/** As its launch was given them. */
export interface WaitRow {
  readonly constraints: readonly PlacementConstraint[];
  readonly strategy: readonly PlacementStrategy[];
}

/** What a task's row has more, where it runs on a container instance. */
export interface TaskPlaceRow {
  readonly containerInstanceArn?: string;
  readonly ec2InstanceId?: string;
  /** Of the container instance. */
  readonly availabilityZone?: string;
  readonly reserved?: ReservationRow;
  /** Left out: awsvpc. */
  readonly networkMode?: 'bridge' | 'host' | 'none';
  /** It has no instance yet: what it asks of the one that it waits for. */
  readonly wait?: WaitRow;
  /** Of a capacity provider of Managed Instances. */
  readonly isManaged?: true;
  /** Its instance is DRAINING: its service replaces it. */
  readonly isDraining?: true;
  /** Of a task of a managed daemon: ARNs of the daemon, of its revision, of the deployment that started it. */
  readonly daemon?: { readonly arn: string; readonly revisionArn: string; readonly deploymentArn: string };
}

/** Of a container in bridge or host mode, once it runs: of one port, or of a range. */
export type NetworkBindingRow = {
  readonly bindIP: string;
  readonly protocol: 'tcp' | 'udp';
} & (
  | { readonly containerPort: number; readonly hostPort: number }
  | { readonly containerPortRange: string; readonly hostPortRange: string }
);

/** What a service's row has more, where its tasks run on container instances. */
export interface ServicePlacementRow {
  readonly placementConstraints?: readonly PlacementConstraint[];
  readonly placementStrategy?: readonly PlacementStrategy[];
  /** One task on each instance that may have one. */
  readonly schedulingStrategy?: 'DAEMON';
  /** Some of its tasks find no instance. */
  readonly unplaced?: UnplacedRow;
}

export interface UnplacedRow {
  /** As its event says it. */
  readonly reason: string;
  /** Of each instance, for `longshore why`. */
  readonly instances: readonly { readonly arn: string; readonly reasons: readonly string[] }[];
  readonly sinceMs: number;
  /** The last try, and how many there were: each waits longer for the next. */
  readonly triedAtMs: number;
  readonly tries: number;
  /** When the event was last said. */
  readonly saidAtMs: number;
}

/** Of tasks in bridge, host and none mode. */
export const NO_NETWORK = { subnets: [], securityGroups: [], assignPublicIp: false } as const;
