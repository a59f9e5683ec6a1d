/** Some of what was logged. Positions are opaque, and grow as texts. */
export interface LogPage {
  readonly entries: readonly LogEntry[];
  /** After the last of them: where to go on. Absent where nothing was ever logged. */
  readonly next?: string;
  /** There is more after `next`. */
  readonly more: boolean;
}

/** Between two positions. */
export interface LogRange {
  readonly after?: string | undefined;
  readonly upTo?: string | undefined;
}

/** Requests with their connections, and health checks, are logged apart: each has positions of its own. */
export type LogSource = 'requests' | 'health-checks';

export type LogEntry = RequestEntry | ConnectionEntry | HealthCheckEntry;

/** What requests and connections have in common. Texts of clients have a character for each byte. */
interface Entry {
  /** µs since the epoch: the end of a response, or when a connection stood or failed. */
  readonly atUs: number;
  /** 32 hexadecimal digits, the same for all requests of a connection. */
  readonly connectionId: string;
  readonly clientIp: string;
  readonly clientPort: number;
  /** The load balancer's address, as clients know it. */
  readonly node: string;
  readonly listenerPort: number;
  /** Absent without TLS. */
  readonly tls?: EntryTls;
}

export interface EntryTls {
  /** Such as TLSv1.3, and OpenSSL's name of the cipher. Absent where the handshake did not come so far. */
  readonly protocol?: string;
  readonly cipher?: string;
  /** The name that the client asked for. */
  readonly serverName?: string;
  /** The id of the certificate that was shown. */
  readonly certificateId?: string;
}

export interface RequestEntry extends Entry {
  readonly type: 'request';
  readonly https: boolean;
  /** Absent where what came was no request. */
  readonly request?: {
    readonly method: string;
    /** Path and query as they came. */
    readonly uri: string;
    /** `1.1` or `2.0` */
    readonly version: string;
    /** The Host header. */
    readonly host?: string;
    readonly userAgent?: string;
    readonly upgrade?: string;
    readonly contentType?: string;
  };
  /** ms from the request's first byte to the last of the response. */
  readonly totalMs: number;
  /** ms until it was sent to a target, and from there to the target's headers; absent where it did not come so far. */
  readonly requestMs?: number;
  readonly targetMs?: number;
  /** What the client got; 460 where it did not wait. */
  readonly status: number;
  /** What the target said. */
  readonly targetStatus?: number;
  /** `IP:port` of the target that it was sent to. */
  readonly target?: string;
  /** As ListenerLogs names it. */
  readonly targetGroup?: string;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** The header X-Amzn-Trace-Id. */
  readonly traceId?: string;
  /** The rule that it matched. */
  readonly rule?: { readonly priority: number; readonly actions: string };
  /** Where it was redirected to. */
  readonly location?: string;
  /** Where the rule rewrites requests: what the target was asked. */
  readonly transformed?: { readonly host?: string; readonly uri?: string };
}

export interface ConnectionEntry extends Entry {
  readonly type: 'connection';
  /** ms of a handshake that succeeded. */
  readonly handshakeMs?: number;
  /** Of listeners that ask for it; times are ISO 8601. */
  readonly clientCertificate?: {
    readonly subject: string;
    readonly serialNumber: string;
    readonly notBefore: string;
    readonly notAfter: string;
  };
  /** Why there was no connection: a number of X.509's verification, 0 for any other reason. */
  readonly failure?: number;
}

/** One check of one target. */
export interface HealthCheckEntry {
  readonly type: 'health-check';
  /** µs since the epoch: when it began. */
  readonly atUs: number;
  /** The load balancer's address that it came from, as clients know it. */
  readonly node: string;
  /** `h2` is HTTP/2 over TLS. */
  readonly protocol: 'http' | 'https' | 'h2' | 'grpc';
  readonly durationMs: number;
  /** `IP:port` */
  readonly target: string;
  /** As ListenerLogs names it. */
  readonly targetGroup: string;
  /** What the target answered; absent where it did not. */
  readonly status?: number;
  /**
   * Why it failed; absent where it passed.
   * - connection: refused, reset, or ended before there was an answer that could be read
   * - status, grpc-status: another than the target group asks for
   */
  readonly failure?: 'timeout' | 'connection' | 'status' | 'grpc-status' | 'internal';
}
