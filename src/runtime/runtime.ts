/**
 * Containers on one host. Implementations: docker/ (the Engine's HTTP API) and fake/; one suite for both.
 * Failures are `RuntimeError`: temporary (engine away), rejected (bad image, bad name), gone (no such container).
 */
export interface ContainerRuntime {
  info(): Promise<RuntimeInfo>;
  /** Pulls and answers the image now present. The message of a rejection is the engine's own. */
  pull(reference: string, auth?: RegistryAuth, onProgress?: (progress: PullProgress) => void): Promise<ImageInfo>;
  inspectImage(reference: string): Promise<ImageInfo | undefined>;
  /**
   * Makes an image of one layer from a tar of its file system.
   * @param changes lines of a Dockerfile, e.g. `CMD ["/pause"]`
   */
  importImage(tar: Buffer, reference: string, changes: readonly string[]): Promise<void>;
  /** Creating a name that exists with the same labels answers the existing container's id. No such image: `gone`. */
  create(spec: ContainerSpec): Promise<string>;
  /** Running already: no error. */
  start(id: string): Promise<void>;
  /** SIGTERM (or the image's stop signal), then SIGKILL after `timeoutMs`. Stopped already, or gone: no error. */
  stop(id: string, timeoutMs: number): Promise<void>;
  /** Kills if need be, and removes with anonymous volumes. Gone already: no error. */
  remove(id: string): Promise<void>;
  inspect(id: string): Promise<ContainerState | undefined>;
  /** Every container, running or not, that carries all `labels`. */
  list(labels: Readonly<Record<string, string>>): Promise<ContainerState[]>;
  /** Lines since `sinceMs` (inclusive), following until the container ends or `signal` aborts. */
  logs(id: string, options: { sinceMs?: number; signal: AbortSignal }): AsyncIterable<LogLine>;
  /** A nudge for each change of a container that carries `labels`; may miss some: `list` is the truth. */
  events(labels: Readonly<Record<string, string>>, signal: AbortSignal): AsyncIterable<ContainerEvent>;
  /** A volume of that name that exists with the same labels: no error. */
  createVolume(volume: VolumeSpec): Promise<void>;
  /** Gone already: no error. In use: `temporary`. */
  removeVolume(name: string): Promise<void>;
  /** The names of every volume that carries all `labels`. */
  listVolumes(labels: Readonly<Record<string, string>>): Promise<readonly string[]>;
  /** Runs one more program in a running container. Not running: `rejected`; not there: `gone`. */
  exec(id: string, spec: ExecSpec): Promise<ExecSession>;
  /** One sample, as the Engine's `GET /containers/ID/stats?stream=false` answers it; undefined where it does not run. */
  stats(id: string): Promise<ContainerStats | undefined>;
}

export interface PullProgress {
  /** Bytes of the layers that are known of so far. */
  readonly totalBytes: number;
  readonly pulledBytes: number;
}

export interface VolumeSpec {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Left out: `local`. */
  readonly driver?: string;
  readonly driverOptions?: Readonly<Record<string, string>>;
}

export interface ExecSpec {
  readonly command: readonly string[];
  /** A terminal: one stream of output, and `resize` works. */
  readonly terminal: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  readonly user?: string;
}

export interface ExecSession {
  /** Ends when the program has ended and closed its output. */
  readonly output: AsyncIterable<{ readonly stream: 'stdout' | 'stderr'; readonly bytes: Buffer }>;
  write(bytes: Buffer): void;
  /** No more input. */
  end(): void;
  resize(columns: number, rows: number): Promise<void>;
  /** Known once the output has ended. */
  exitCode(): Promise<number | undefined>;
  /** Lets go of the connection: the program gets a hang-up where it has a terminal. */
  close(): void;
}

/** The Engine's own JSON: `https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerStats` */
export type ContainerStats = Readonly<Record<string, unknown>>;

export interface RuntimeInfo {
  readonly version: string;
  readonly cgroupVersion: 1 | 2;
  readonly cgroupDriver: 'cgroupfs' | 'systemd' | 'none';
  readonly cpus: number;
  readonly memoryBytes: number;
}

export interface RegistryAuth {
  readonly username: string;
  readonly password: string;
  /** `host[:port]` */
  readonly serverAddress: string;
}

export interface ImageInfo {
  /** `sha256:...` of the configuration. */
  readonly id: string;
  /** `sha256:...` of the manifest, where the image came from a registry. */
  readonly digest?: string;
  readonly sizeBytes: number;
}

export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly entryPoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
  readonly user?: string;
  readonly hostname?: string;
  /**
   * `none`: loopback, and the engine's files (/etc/hosts, /etc/hostname, /etc/resolv.conf) from the members below.
   * `bare`: a namespace with nothing but loopback, and none of the engine's work for it, which takes time: no files, for
   * those who share it neither. `container:ID` shares another container's network, host name and files. `bridge`: the
   * engine's own network, behind its host's addresses. `host`: the network of the host that the engine runs on.
   */
  readonly network: 'none' | 'bare' | 'bridge' | 'host' | `container:${string}`;
  /** With `bridge` only: what answers at the host's addresses. */
  readonly ports?: readonly PublishedPort[];
  /** With `bridge` only: names or ids of containers that run before it, each known in it by an alias as well. */
  readonly links?: readonly { readonly container: string; readonly alias: string }[];
  readonly extraHosts?: readonly { readonly hostname: string; readonly ipAddress: string }[];
  readonly dnsServers?: readonly string[];
  readonly dnsSearch?: readonly string[];
  /** In units of 1/1024 of a CPU: a share, not a limit. */
  readonly cpuShares?: number;
  /** In units of 1/1024 of a CPU: a hard limit. */
  readonly cpuLimit?: number;
  readonly memoryLimitBytes?: number;
  readonly memoryReservationBytes?: number;
  readonly readonlyRootFilesystem?: boolean;
  readonly capabilities?: { readonly add: readonly string[]; readonly drop: readonly string[] };
  readonly init?: boolean;
  readonly stopSignal?: string;
  /** What the engine itself waits after the signal, e.g. where its host shuts down; left out: 10 s. `stop` has its own. */
  readonly stopTimeoutMs?: number;
  /** Nothing that it prints is kept: `logs` has no lines. */
  readonly discardOutput?: boolean;
  readonly mounts?: readonly Mount[];
  /** Names or ids of containers: their mounts and their images' volumes are seen here too, below `mounts` of the same place. */
  readonly volumesFrom?: readonly { readonly container: string; readonly readOnly: boolean }[];
  readonly sharedMemoryBytes?: number;
  /** Beyond `memoryLimitBytes`; left out: none. */
  readonly swapBytes?: number;
  /** 0 to 100 */
  readonly swappiness?: number;
  readonly devices?: readonly {
    readonly hostPath: string;
    readonly containerPath: string;
    readonly permissions: string;
  }[];
  /** Kernel parameters, e.g. `net.core.somaxconn`. */
  readonly systemControls?: Readonly<Record<string, string>>;
  readonly privileged?: boolean;
  /** An engine runs in it: control groups of its own, every device, and nothing of /proc hidden or read only. */
  readonly nestedEngine?: boolean;
  readonly securityOptions?: readonly string[];
  /** Standard input stays open. */
  readonly interactive?: boolean;
  readonly pseudoTerminal?: boolean;
  /** Left out: one of its own. */
  readonly pidMode?: 'host' | `container:${string}`;
  readonly ipcMode?: 'host' | 'none' | 'shareable' | `container:${string}`;
  /** A control group that exists, below which the container's own is made: see cgroups/. */
  readonly cgroupParent?: string;
  readonly healthCheck?: HealthCheck;
  readonly ulimits?: readonly { readonly name: string; readonly soft: number; readonly hard: number }[];
}

export interface PublishedPort {
  readonly containerPort: number;
  /** 0: any that is free, chosen at each start. */
  readonly hostPort: number;
  readonly protocol: 'tcp' | 'udp';
}

/** A port of a container that runs, and the host's that leads to it. */
export interface PortBinding extends PublishedPort {
  readonly bindIp: string;
}

export type Mount =
  | { readonly kind: 'bind'; readonly source: string; readonly target: string; readonly readOnly: boolean }
  /** A source of '' is a volume without a name, which goes when its container is removed. */
  | { readonly kind: 'volume'; readonly source: string; readonly target: string; readonly readOnly: boolean }
  | {
      readonly kind: 'tmpfs';
      readonly target: string;
      readonly sizeBytes: number;
      /** As `mount -o` takes them, e.g. `noexec`. */
      readonly options: readonly string[];
    };

export interface HealthCheck {
  /** `["CMD", ...]`, `["CMD-SHELL", "..."]` or `["NONE"]`. */
  readonly test: readonly string[];
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly startPeriodMs: number;
}

export interface ContainerState {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly image: string;
  readonly imageId: string;
  readonly status: 'created' | 'running' | 'exited';
  /** In the host's PID namespace; only while running. */
  readonly pid?: number;
  readonly exitCode?: number;
  readonly oomKilled?: boolean;
  /** The engine's own words when a start failed. */
  readonly error?: string;
  readonly health?: 'starting' | 'healthy' | 'unhealthy';
  /** While it runs, if it publishes any; in the order of the container's ports. */
  readonly ports?: readonly PortBinding[];
  readonly createdAtMs: number;
  readonly startedAtMs?: number;
  readonly finishedAtMs?: number;
}

export interface LogLine {
  readonly timeMs: number;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

export interface ContainerEvent {
  readonly containerId: string;
  /** The container's labels; an engine may add members of its own. */
  readonly labels: Readonly<Record<string, string>>;
}
