import { operationsOf } from '../../api/operation.ts';
import type { LoadBalancerPlane } from '../../loadbalancer/load-balancer.ts';
import type { Names } from '../../network/dns/names.ts';
import type { Metrics } from './metrics.ts';

export interface Elbv2Ports {
  readonly plane: LoadBalancerPlane;
  readonly names: Names;
  /** The path of a VPC's network namespace. */
  readonly namespacePath: (vpcId: string) => string;
  /** PEM of an issued certificate with chain and private key; undefined when there is none (yet) with this ARN. */
  readonly certificates: (arn: string) => Promise<string | undefined>;
  /** Names of load balancers end in `elb.DOMAIN`. */
  readonly domain: string;
  /** Where the load balancers' metrics go each minute; nowhere when left out. */
  readonly metrics?: Metrics;
  readonly edge: { readonly bindAddress: string; readonly httpPort: number; readonly httpsPort: number };
}

export const operation = operationsOf<'elbv2', Elbv2Ports>();
