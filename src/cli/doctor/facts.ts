/** What the probes saw on this machine. */
export interface MachineFacts {
  readonly platform: string;
  readonly processor: string;
  readonly userId: number;
  /** The effective capabilities, as in /proc/self/status; undefined where there is no such file. */
  readonly capabilities: bigint | undefined;
  readonly docker: Probe<{
    readonly version: string;
    readonly rootFolder: string;
    readonly freeBytes: number | undefined;
  }>;
  readonly dockerClient: Probe<string>;
  /** What each says of its version. */
  readonly haproxy: Probe<string>;
  readonly nft: Probe<string>;
  readonly ip: Probe<string>;
  readonly nsenter: Probe<string>;
  readonly busybox: Probe<{ readonly version: string; readonly isStatic: boolean }>;
  /** A veth pair and a table with NAT, made in a network namespace of their own. */
  readonly namespace: Probe<string>;
  readonly ports: readonly PortFact[];
  readonly home: { readonly path: string; readonly freeBytes: number | undefined };
  readonly forwardsPackets: boolean | undefined;
  /** What a name below .localhost resolves to. */
  readonly localhostName: Probe<string>;
}

export type Probe<T> = { readonly ok: true; readonly found: T } | { readonly ok: false; readonly error: string };

export interface PortFact {
  readonly port: number;
  readonly use: 'endpoint' | 'http' | 'https';
  /** `ours`: the server of this home listens there. Otherwise `free`, or an error code such as `EADDRINUSE`. */
  readonly state: string;
}
