/**
 * The load balancers' data plane: one HAProxy in each VPC's namespace for its load balancers, and one edge HAProxy on
 * the host. It eats whole tables; health comes out.
 * Implementations: haproxy/ and fake/; one suite for both.
 */
export interface LoadBalancerPlane {
  /** Makes the VPC's HAProxy serve exactly this; an empty table stops it. Idempotent; no connection is dropped. */
  apply(table: RouteTable): Promise<void>;
  /** Makes the edge serve exactly this. Idempotent. */
  applyEdge(table: EdgeTable): Promise<void>;
  /** What the health checks of the VPC's HAProxy say now. */
  health(vpcId: string): Promise<readonly TargetHealth[]>;
  /** VPCs whose HAProxy runs on this host. */
  list(): Promise<readonly string[]>;
  /** Stops every HAProxy of ours, edge included. */
  stop(): Promise<void>;
}

export interface RouteTable {
  readonly vpcId: string;
  /** The network namespace it runs in, e.g. `/run/netns/...`. */
  readonly namespacePath: string;
  /** The host's own ports, as a client of the edge knows them: redirects to 80 and 443 name these instead. */
  readonly edgePorts: { readonly http: number; readonly https: number };
  readonly listeners: readonly ListenerRoutes[];
  readonly targetGroups: readonly TargetGroupState[];
}

export interface ListenerRoutes {
  /** Unique and stable; used in names of sections. */
  readonly listenerId: string;
  readonly loadBalancerId: string;
  /** The private addresses of the load balancer, one for each of its subnets. */
  readonly addresses: readonly string[];
  readonly port: number;
  readonly protocol: 'HTTP' | 'HTTPS';
  /** For HTTPS: PEM with certificate, chain and private key. The first is the default; others by SNI. */
  readonly certificates: readonly { readonly certificateId: string; readonly pem: string }[];
  readonly minTlsVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly idleTimeoutMs: number;
  readonly options: ListenerOptions;
  /** By ascending priority; the default rule last, with no conditions. */
  readonly rules: readonly Rule[];
}

/** What a load balancer's attributes say about its requests. */
export interface ListenerOptions {
  readonly http2: boolean;
  /** Remove header fields whose names have other characters than letters, digits and hyphens. */
  readonly dropInvalidHeaders: boolean;
  readonly xForwardedFor: 'append' | 'preserve' | 'remove';
  /** X-Forwarded-For carries the client's port too. */
  readonly xForwardedForClientPort: boolean;
  /** Add X-Amzn-Tls-Version and X-Amzn-Tls-Cipher-Suite. */
  readonly tlsHeaders: boolean;
}

export interface Rule {
  readonly ruleId: string;
  /** All must hold. */
  readonly conditions: readonly Condition[];
  readonly action: RuleAction;
}

/** `values` are alternatives; `*` and `?` are wildcards as in ALB rules. */
export type Condition =
  | { readonly field: 'host-header' | 'path-pattern'; readonly values: readonly string[] }
  | { readonly field: 'http-request-method'; readonly values: readonly string[] }
  | { readonly field: 'source-ip'; readonly values: readonly string[] }
  | { readonly field: 'http-header'; readonly name: string; readonly values: readonly string[] }
  | { readonly field: 'query-string'; readonly values: readonly { readonly key?: string; readonly value: string }[] };

export type RuleAction =
  | {
      readonly type: 'forward';
      readonly targets: readonly { readonly targetGroupId: string; readonly weight: number }[];
    }
  | {
      readonly type: 'redirect';
      /** ALB's placeholders #{protocol} #{host} #{port} #{path} #{query} are kept for the plane to fill in. */
      readonly protocol: string;
      readonly host: string;
      readonly port: string;
      readonly path: string;
      readonly query: string;
      readonly status: 301 | 302;
    }
  | { readonly type: 'fixed-response'; readonly status: number; readonly contentType?: string; readonly body?: string };

export interface TargetGroupState {
  readonly targetGroupId: string;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly algorithm: 'round_robin' | 'least_outstanding_requests';
  readonly healthCheck: TargetHealthCheck;
  readonly targets: readonly { readonly ip: string; readonly port: number; readonly draining: boolean }[];
}

export interface TargetHealthCheck {
  readonly enabled: boolean;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly path: string;
  /** `traffic-port` means the target's own. */
  readonly port: number | 'traffic-port';
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  /** `200`, `200,202` or `200-299`. */
  readonly matcher: string;
}

export interface TargetHealth {
  readonly targetGroupId: string;
  readonly ip: string;
  readonly port: number;
  readonly state: 'initial' | 'healthy' | 'unhealthy' | 'draining';
  /** DescribeTargetHealth's reason codes, e.g. `Target.ResponseCodeMismatch`, `Target.Timeout`, `Target.FailedHealthChecks`. */
  readonly reason?: string;
  readonly description?: string;
}

/** Which names the host's own listeners pass to which load balancer. */
export interface EdgeTable {
  readonly bindAddress: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly routes: readonly EdgeRoute[];
}

export interface EdgeRoute {
  /** Lower-case host name; a leading `*.` matches one label. */
  readonly hostname: string;
  readonly vpcId: string;
  readonly loadBalancerId: string;
  /** Ports the load balancer listens on, with who may come in by its security groups. */
  readonly listeners: readonly {
    readonly listenerId: string;
    readonly port: number;
    readonly protocol: 'HTTP' | 'HTTPS';
    readonly allowedCidrs: readonly string[];
  }[];
}
