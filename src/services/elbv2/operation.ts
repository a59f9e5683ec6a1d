import type { Call } from '../../api/context.ts';
import { operationsOf } from '../../api/operation.ts';
import type { CallAs } from '../../api/service.ts';
import type { Scope } from '../../kernel/arn.ts';
import type { LoadBalancerPlane } from '../../loadbalancer/load-balancer.ts';
import type { Names } from '../../network/dns/names.ts';
import type { SignalDemand } from './demand.ts';
import type { Metrics } from './metrics.ts';
import type { TrustStoreFiles } from './trust-store-files.ts';

export interface ServerCertificate {
  /** Certificate, chain and private key. */
  readonly pem: string;
  /** Why the plane cannot serve with it, in half a sentence. */
  readonly weakness?: string;
}

export interface Elbv2Ports {
  readonly plane: LoadBalancerPlane;
  readonly names: Names;
  /** The path of a VPC's network namespace. */
  readonly namespacePath: (vpcId: string) => string;
  /** An issued certificate; undefined when there is none (yet) with this ARN. */
  readonly certificates: (arn: string) => Promise<ServerCertificate | undefined>;
  readonly trustStoreFiles: TrustStoreFiles;
  /** Gets the keys of issuers of tokens, JSON of at most so many bytes; over HTTPS when left out. */
  readonly fetchJson?: (url: URL, limitBytes: number) => Promise<unknown>;
  /** Names of load balancers end in `elb.DOMAIN`. */
  readonly domain: string;
  /** Where the load balancers' metrics go each minute; nowhere when left out. */
  readonly metrics?: Metrics;
  /** What the requests of tagged target groups ask of the services behind them; nothing comes of it when left out. */
  readonly signalDemand?: SignalDemand;
  /** How logs go to S3: every so often, in ms, and in whose name. */
  readonly logs: { readonly intervalMs: number; readonly callIn: (scope: Scope, as: CallAs) => Call };
  readonly edge: { readonly bindAddress: string; readonly httpPort: number; readonly httpsPort: number };
}

export const operation = operationsOf<'elbv2', Elbv2Ports>();
