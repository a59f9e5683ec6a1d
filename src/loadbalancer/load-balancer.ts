import type { LogPage, LogRange, LogSource } from './log-entries.ts';

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
  /** What the VPC's HAProxy has done, in numbers that only grow while this plane lives. */
  traffic(vpcId: string): Promise<Traffic>;
  /**
   * What the VPC's HAProxys have logged for a load balancer after a position, or from the beginning, up to another, or
   * the end: some of it, the oldest first. Requests are there even when the server was not. Of requests when no source
   * is named.
   */
  readLogs(vpcId: string, loadBalancerId: string, range: LogRange, source?: LogSource): Promise<LogPage>;
  /** Nobody reads the VPC's logs up to this position again; all that is there now when it is left out. */
  forgetLogs(vpcId: string, upTo?: string, source?: LogSource): Promise<void>;
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
  /**
   * Those of the VPC, whether a listener forwards to them or not: a load balancer whose change is refused goes on to
   * groups that it had before, with their targets of now.
   */
  readonly targetGroups: readonly TargetGroupState[];
}

export interface ListenerRoutes {
  /** Unique and stable; used in names of sections. */
  readonly listenerId: string;
  readonly loadBalancerId: string;
  /** The private addresses of the load balancer, one for each of its subnets. */
  readonly addresses: readonly string[];
  /** The Availability Zone of each address, in the same order, when some target group keeps to zones. */
  readonly zones?: readonly string[];
  /** Connections from these addresses begin with a PROXY header: of load balancers that have this one as a target. */
  readonly proxyFrom?: readonly string[];
  readonly port: number;
  /** TCP and TLS pass connections on; their one rule is the default one, and forwards. */
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP' | 'TLS';
  /** For HTTPS and TLS: PEM with certificate, chain and private key. The first is the default; others by SNI. */
  readonly certificates: readonly { readonly certificateId: string; readonly pem: string }[];
  readonly minTlsVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly maxTlsVersion: 'TLSv1.2' | 'TLSv1.3';
  /** OpenSSL's names, in order; `TLS_...` are TLS 1.3's. None for the plane's own choice. */
  readonly ciphers: readonly string[];
  /** For TLS: the protocols of ALPN, the preferred one first. */
  readonly alpn?: readonly string[];
  /** For HTTPS: what becomes of the client's own certificate; absent when it is not asked for one. */
  readonly clientCertificates?: ClientCertificates;
  readonly idleTimeoutMs: number;
  /** A client's connection ends with its first response after this time. */
  readonly clientKeepAliveSeconds: number;
  readonly options: ListenerOptions;
  /** What is logged; absent where nobody wants logs, and then a request costs nothing more. */
  readonly logs?: ListenerLogs;
  /** By ascending priority; the default rule last, with no conditions. */
  readonly rules: readonly Rule[];
}

/**
 * - verify: a client whose certificate the authorities have not signed, or have revoked, does not get through the handshake
 * - passthrough: targets are told of any certificate
 */
export type ClientCertificates = { readonly headerNames: ClientCertificateHeaders } & (
  | { readonly mode: 'passthrough' }
  | {
      readonly mode: 'verify';
      /** PEM of the authorities' certificates. */
      readonly authorities: string;
      /** PEM of each list of revoked certificates. */
      readonly revocations: readonly string[];
      readonly ignoreExpiry: boolean;
      /** The handshake tells the names of the authorities. */
      readonly advertiseAuthorities: boolean;
    }
);

/** The headers that tell targets of the client's certificate. */
export interface ClientCertificateHeaders {
  readonly certificate: string;
  readonly serialNumber: string;
  readonly issuer: string;
  readonly subject: string;
  readonly validity: string;
  readonly leaf: string;
}

/** What a listener logs, and how entries name things. */
export interface ListenerLogs {
  readonly requests: boolean;
  readonly connections: boolean;
  /** The checks of the targets that it forwards to. */
  readonly healthChecks: boolean;
  /** By the id of each target group that it may forward to. */
  readonly targetGroups: Readonly<Record<string, string>>;
  /** By each address of the load balancer: the one that clients know. */
  readonly nodes: Readonly<Record<string, string>>;
}

/** What a load balancer's attributes say about its requests. */
export interface ListenerOptions {
  readonly http2: boolean;
  /** Remove header fields whose names have other characters than letters, digits and hyphens. */
  readonly dropInvalidHeaders: boolean;
  readonly xForwardedFor: 'append' | 'preserve' | 'remove';
  /** X-Forwarded-For carries the client's port too. */
  readonly xForwardedForClientPort: boolean;
  /** Add X-Amzn-Tls-Version and X-Amzn-Tls-Cipher-Suite, under these names. */
  readonly tlsHeaders: boolean;
  readonly tlsHeaderNames: { readonly version: string; readonly cipher: string };
  /** False takes the Server header out of every response. */
  readonly serverHeader: boolean;
  /** Put into every response, in place of the target's. */
  readonly responseHeaders: readonly (readonly [name: string, value: string])[];
}

export interface Rule {
  readonly ruleId: string;
  /** As logs show it; 0 for the default rule. */
  readonly priority?: number;
  /** All must hold. */
  readonly conditions: readonly Condition[];
  /** Of HTTPS: requests without a valid token get a 401. */
  readonly jwt?: JwtValidation;
  readonly action: RuleAction;
  /** What is rewritten before a request goes to a target; conditions see it as it came. At most one of each type. */
  readonly transforms?: readonly Transform[];
}

/** What a bearer token must be: signed by one of the keys with RS256, of the issuer, of this time, with these claims. */
export interface JwtValidation {
  readonly issuer: string;
  readonly keys: readonly JwtKey[];
  readonly claims: readonly JwtClaim[];
}

export interface JwtKey {
  readonly keyId?: string;
  /** A public key. */
  readonly pem: string;
}

/** The claim is the one string, is an array that has all of them, or a string that has all of them between spaces. */
export interface JwtClaim {
  /** Without `.` and brackets. */
  readonly name: string;
  readonly format: 'single-string' | 'string-array' | 'space-separated-values';
  readonly values: readonly string[];
}

/** `regex` is searched for in the host name, or in path and query; `$1` to `$9` in `replace` are its groups. */
export interface Transform {
  readonly type: 'host-header-rewrite' | 'url-rewrite';
  readonly regex: string;
  readonly replace: string;
}

/** `values` are alternatives; `*` and `?` are wildcards as in ALB rules. Or else `regexes` are. */
export type Condition =
  | {
      readonly field: 'host-header' | 'path-pattern';
      readonly values: readonly string[];
      readonly regexes?: readonly string[];
    }
  | { readonly field: 'http-request-method'; readonly values: readonly string[] }
  | { readonly field: 'source-ip'; readonly values: readonly string[] }
  | {
      readonly field: 'http-header';
      readonly name: string;
      readonly values: readonly string[];
      readonly regexes?: readonly string[];
    }
  | { readonly field: 'query-string'; readonly values: readonly { readonly key?: string; readonly value: string }[] };

export type RuleAction =
  | {
      readonly type: 'forward';
      readonly targets: readonly { readonly targetGroupId: string; readonly weight: number }[];
      /** How long a client stays with the target group that it first came to; absent for a new choice each time. */
      readonly stickySeconds?: number;
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
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP' | 'TLS';
  /** What the targets speak. HTTP2 and GRPC are HTTP/2 from the first byte, or by ALPN over TLS. */
  readonly protocolVersion: 'HTTP1' | 'HTTP2' | 'GRPC';
  /** `source_ip` keeps the connections of an address together. */
  readonly algorithm: 'round_robin' | 'least_outstanding_requests' | 'weighted_random' | 'source_ip';
  /** Each connection to a target begins with a PROXY header of version 2. */
  readonly proxyProtocol?: boolean;
  /** Connections to a target end when it becomes unhealthy. */
  readonly cutUnhealthy?: boolean;
  /** Connections to a target go on after it has drained. */
  readonly keepDeregistered?: boolean;
  /** A target that becomes healthy gets its full share after this time; 0 for at once. */
  readonly slowStartMs: number;
  /** With fewer healthy targets than this, every target gets requests. */
  readonly minimumHealthyTargets: number;
  /** Or with a smaller share of them, in percent. */
  readonly minimumHealthyPercent?: number;
  /** Present when each address of the load balancer sends to targets of its own zone only: the zones it has. */
  readonly zones?: readonly string[];
  /** With fewer healthy targets than this, a zone gets no connection from the edge while another has enough. */
  readonly zoneMinimum?: { readonly count?: number; readonly percent?: number };
  /**
   * Of HTTP and HTTPS: while no target is healthy a request waits for one, so long at most, then gets a 503; it never
   * goes to an unhealthy target. Absent: no request waits.
   */
  readonly holdMs?: number;
  /** How a client stays with its target; absent when each request goes where it may. */
  readonly stickiness?: TargetStickiness;
  readonly healthCheck: TargetHealthCheck;
  readonly targets: readonly Target[];
}

export interface Target {
  readonly ip: string;
  readonly port: number;
  readonly draining: boolean;
  /** Its Availability Zone; `all`, or none, is in each. */
  readonly zone?: string;
}

/** By a cookie of the load balancer's own, or for as long as the client has the application's cookie. */
export type TargetStickiness =
  | { readonly type: 'lb_cookie'; readonly seconds: number }
  | { readonly type: 'app_cookie'; readonly cookie: string; readonly seconds: number };

export interface TargetHealthCheck {
  readonly enabled: boolean;
  /** TCP only connects. */
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP';
  readonly path: string;
  /** `traffic-port` means the target's own. */
  readonly port: number | 'traffic-port';
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  /** `200`, `200,202` or `200-299`: statuses of HTTP, or for protocol version GRPC codes of gRPC. */
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

export interface Traffic {
  readonly listeners: readonly ListenerTraffic[];
  /** Only groups that some listener forwards to. */
  readonly targetGroups: readonly TargetGroupTraffic[];
}

/** How many responses had a status of each hundred. */
export type Statuses = Readonly<Record<'2xx' | '3xx' | '4xx' | '5xx', number>>;

export interface ListenerTraffic {
  readonly listenerId: string;
  readonly connections: number;
  /** From clients to the client side of the load balancer, both ways. */
  readonly bytes: number;
  /** What clients got, from targets or from the load balancer itself. */
  readonly responses: Statuses;
  /** Now, not since the beginning. */
  readonly activeConnections: number;
}

export interface TargetGroupTraffic {
  readonly targetGroupId: string;
  /** Requests that a target was chosen for. */
  readonly requests: number;
  readonly responses: Statuses;
  readonly connectionErrors: number;
  /** From the request's end to the response's headers, in ms: an average over the last requests. */
  readonly responseMs: number;
  /** Requests that have not ended, now: at targets, or waiting for one. */
  readonly active: number;
  /** Those of them that wait for a healthy target. */
  readonly waiting: number;
}

/** Which names the host's own listeners pass to which load balancer. */
export interface EdgeTable {
  readonly bindAddress: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** A unix socket that answers ACME challenges: requests over HTTP below /.well-known/acme-challenge/ go there. */
  readonly challengeSocket?: string;
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
    readonly protocol: ListenerRoutes['protocol'];
    readonly allowedCidrs: readonly string[];
  }[];
}
