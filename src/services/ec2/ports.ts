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
}
