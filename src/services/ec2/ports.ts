import type { Principal } from '../../api/context.ts';
import type { InstanceDriver } from '../../instances/instance-driver.ts';
import type { Scope } from '../../kernel/arn.ts';
import type { Names } from '../../network/dns/names.ts';
import type { Network } from '../../network/network.ts';

/** What the composition root lends EC2. */
export interface Ec2Ports {
  readonly network: Network;
  readonly names: Names;
  /** Where public addresses come from, for every account and region of this server, e.g. `198.18.0.0/17`. */
  readonly publicCidr: string;
  /** How many VPCs this host has transit links for. */
  readonly transitLinks: number;
  /** Where instances run. Without it RunInstances finds no capacity. */
  readonly instances?: InstanceHost;
}

export interface InstanceHost {
  readonly driver: InstanceDriver;
  readonly architecture: 'x86_64' | 'arm64';
  /** What all instances together may have: the host's, times how often it may be promised. */
  readonly vcpus: number;
  readonly memoryMiB: number;
  /** What engines of instances reach as this server's registry, e.g. `127.0.0.1:4566`. */
  readonly registry: string;
  readonly metadata: MetadataEndpoints;
  /**
   * Whether the caller may hand the role to EC2 (iam:PassRole).
   * @throws ServiceError AccessDeniedException
   */
  readonly passRole: (caller: Principal, roleArn: string, scope: Scope) => Promise<void>;
}

/**
 * Where 169.254.169.254 leads from each instance's interface: a port on the host that is this interface's alone, so that the
 * server knows who asks.
 */
export interface MetadataEndpoints {
  /** The port of each; opened where it is not yet. It answers nothing before `settle`. */
  open(vpcId: string, interfaceIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** The network leads there now: from here on they answer, and those of the VPC that are not named are closed. */
  settle(vpcId: string, interfaceIds: readonly string[]): Promise<void>;
}
