import type { SecretReference } from './secrets.ts';

/**
 * One ECS task on one host. The control plane says what a task should be; reports say what it is, with the members of
 * `SubmitTaskStateChange`. Level-triggered: saying a thing twice changes nothing, and after a restart saying it again
 * adopts what runs.
 */
export interface Executor {
  /** What should be. RUNNING starts the task (or adopts it); STOPPED stops its containers in order and cleans up. */
  ensure(spec: TaskSpec, desired: 'RUNNING' | 'STOPPED'): void;
  /** Removes the tasks on this host that the control plane does not know, e.g. deleted while it was down. */
  reap(knownTaskArns: ReadonlySet<string>): Promise<void>;
  /** Stops following; containers go on. */
  close(): Promise<void>;
}

/** Called for each change of what a task is; each report carries everything; a rejected report is sent again. */
export type ReportTask = (report: TaskReport) => Promise<void>;

export interface TaskSpec {
  readonly taskArn: string;
  /** The EC2 instance that runs it; left out: this host itself, as on Fargate. */
  readonly instanceId?: string;
  readonly taskId: string;
  readonly clusterArn: string;
  readonly family: string;
  readonly taskDefinitionRevision: number;
  /** Task-wide limit in units of 1/1024 CPU, and in bytes. */
  readonly cpuUnits?: number;
  readonly memoryBytes?: number;
  readonly network: TaskNetwork;
  /** Images are pulled and log lines are sent under this role. */
  readonly executionRoleArn?: string;
  readonly containers: readonly TaskContainer[];
  /** By name; `mounts` of containers mean them. */
  readonly volumes: readonly TaskVolume[];
  /** `task`: all containers see each other's processes. Left out: each has its own. */
  readonly pidMode?: 'task' | 'host';
  /** The same for semaphores, queues and shared memory; `none`: not even a /dev/shm. */
  readonly ipcMode?: 'task' | 'host' | 'none';
}

export type TaskVolume =
  /** Lives as long as the task. */
  | { readonly kind: 'task'; readonly name: string }
  | { readonly kind: 'bind'; readonly name: string; readonly hostPath: string }
  /** A volume of the engine; a shared one outlives the task. */
  | {
      readonly kind: 'docker';
      readonly name: string;
      readonly shared: boolean;
      /** Made when it is missing; a volume that is not shared always is. */
      readonly autoprovision: boolean;
      readonly driver: string;
      readonly driverOptions: Readonly<Record<string, string>>;
      readonly labels: Readonly<Record<string, string>>;
    };

export type TaskNetwork =
  | AwsvpcNetwork
  /**
   * - bridge: each container on the engine's own network, its ports published at the instance's addresses
   * - host: the instance's own network
   * - none: loopback
   */
  | { readonly mode: 'bridge' | 'host' | 'none' };

/** An interface of the task's own, which its containers share. */
export interface AwsvpcNetwork {
  readonly mode: 'awsvpc';
  readonly vpcId: string;
  readonly interfaceId: string;
  readonly privateIp: string;
  /** Of the ENI, e.g. `ip-172-31-0-11.ec2.internal`. */
  readonly hostname: string;
  readonly dnsServers: readonly string[];
  readonly dnsSearch: readonly string[];
  /** Further names in its /etc/hosts: Service Connect's endpoints. */
  readonly hosts?: readonly { readonly name: string; readonly address: string }[];
}

export interface TaskContainer {
  readonly name: string;
  /** As the task definition says it: shown to users. */
  readonly image: string;
  /** What the engine pulls, after ECR host names are mapped to this server's registry. */
  readonly pullReference: string;
  /** Asked just before the pull, since tokens end. */
  readonly pullFrom: 'ecr' | 'public';
  /** ARN or name of the secret with the user name and password of its registry; it is read under the execution role. */
  readonly pullSecret?: string;
  readonly essential: boolean;
  readonly entryPoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
  readonly user?: string;
  /** Published with `bridge`; with `host` they are reported as they are. */
  readonly ports?: readonly ContainerPort[];
  /** With `bridge` only: as many ports in a row of the instance, chosen when the container is made. */
  readonly portRanges?: readonly PortRange[];
  /** What follows is for networks other than `awsvpc`: such a task has the names of its interface. */
  readonly hostname?: string;
  readonly dnsServers?: readonly string[];
  readonly dnsSearch?: readonly string[];
  readonly extraHosts?: readonly { readonly hostname: string; readonly ipAddress: string }[];
  /** With `bridge` only: containers that must run before it, known in it by their names, or by these. */
  readonly links?: readonly { readonly container: string; readonly alias?: string }[];
  readonly cpuUnits?: number;
  readonly memoryBytes?: number;
  readonly memoryReservationBytes?: number;
  readonly readonlyRootFilesystem?: boolean;
  readonly initProcess?: boolean;
  readonly capabilitiesAdd: readonly string[];
  readonly capabilitiesDrop: readonly string[];
  readonly ulimits: readonly { readonly name: string; readonly soft: number; readonly hard: number }[];
  readonly dependsOn: readonly { readonly container: string; readonly condition: DependencyCondition }[];
  readonly healthCheck?: {
    readonly command: readonly string[];
    readonly intervalMs: number;
    readonly timeoutMs: number;
    readonly retries: number;
    readonly startPeriodMs: number;
  };
  readonly startTimeoutMs?: number;
  readonly stopTimeoutMs: number;
  readonly logs?: LogDestination;
  readonly dockerLabels: Readonly<Record<string, string>>;
  /** Fetched once for the task, under its execution role; a secret wins over `environment`, which wins over files. */
  readonly secrets: readonly SecretReference[];
  /** ARNs of S3 objects; later files do not change what earlier ones set. */
  readonly environmentFiles: readonly string[];
  readonly mounts: readonly { readonly volume: string; readonly path: string; readonly readOnly: boolean }[];
  readonly volumesFrom: readonly { readonly container: string; readonly readOnly: boolean }[];
  readonly tmpfs: readonly { readonly path: string; readonly sizeBytes: number; readonly options: readonly string[] }[];
  readonly sharedMemoryBytes?: number;
  readonly swapBytes?: number;
  readonly swappiness?: number;
  readonly devices: readonly {
    readonly hostPath: string;
    readonly containerPath: string;
    readonly permissions: string;
  }[];
  readonly systemControls: Readonly<Record<string, string>>;
  readonly privileged?: boolean;
  readonly securityOptions: readonly string[];
  readonly interactive?: boolean;
  readonly pseudoTerminal?: boolean;
  /** The container alone starts again when it ends, unless with one of the codes, once it ran for the period. */
  readonly restart?: { readonly ignoredExitCodes: readonly number[]; readonly attemptPeriodMs: number };
  /** What the control plane has heard of: counting goes on from there. */
  readonly restartCount?: number;
  /** The control plane has heard that it ran: where it is gone now, it has ended, and is not started anew. */
  readonly hasRun?: boolean;
  /** The control plane has heard that it has ended, or will never run, and why: it stays so. */
  readonly failure?: string;
}

export interface ContainerPort {
  readonly containerPort: number;
  /** Left out or 0: any that is free on the instance, chosen at each start; with `host` the container's own. */
  readonly hostPort?: number;
  readonly protocol: 'tcp' | 'udp';
}

export interface PortRange {
  readonly first: number;
  readonly last: number;
  readonly protocol: 'tcp' | 'udp';
}

export type DependencyCondition = 'START' | 'COMPLETE' | 'SUCCESS' | 'HEALTHY';

/** awslogs: where a container's lines go. */
export interface LogDestination {
  readonly account: string;
  readonly region: string;
  readonly group: string;
  readonly stream: string;
  readonly createGroup: boolean;
  /** The task's execution role, and the task's id as the name of its session. */
  readonly role?: { readonly arn: string; readonly sessionName: string };
  /** Left out: blocking, where the reader waits for the sink. Non-blocking drops what is new while so much waits. */
  readonly mode?: { readonly kind: 'blocking' } | { readonly kind: 'non-blocking'; readonly maxBufferBytes: number };
  /** A line that matches begins an event, other lines go on with it. The pattern is of Go's kind. */
  readonly multiline?: { readonly pattern: string };
}

/** Why a task stops by itself, as in the API's `stopCode`; the last: its instance is gone. */
export type StopCode = 'TaskFailedToStart' | 'EssentialContainerExited' | 'TerminationNotice';

export interface TaskReport {
  readonly taskArn: string;
  /**
   * STOPPED only when no container of it runs, their last lines are stored and the interface is unplugged. The ended
   * containers themselves are removed once this report was accepted: until then they are the proof that the task ran.
   */
  readonly status: 'PENDING' | 'RUNNING' | 'STOPPED';
  /** As soon as the task has begun to stop by itself, so before `status` says so. */
  readonly stopCode?: StopCode;
  readonly stoppedReason?: string;
  readonly containers: readonly ContainerReport[];
  /** Left out where the pulls were before a restart of the server. */
  readonly pullStartedAtMs?: number;
  readonly pullStoppedAtMs?: number;
  /** When the last container ended. */
  readonly executionStoppedAtMs?: number;
}

export interface ContainerReport {
  readonly name: string;
  readonly status: 'PENDING' | 'RUNNING' | 'STOPPED';
  readonly runtimeId?: string;
  readonly imageDigest?: string;
  readonly exitCode?: number;
  readonly reason?: string;
  readonly health: 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN';
  /** Left out where it has no restart policy. */
  readonly restartCount?: number;
  /** Of its last run, as far as this process knows; `bridge` and `host` only. */
  readonly networkBindings?: readonly NetworkBinding[];
}

/** As the API's `NetworkBinding`: of one port, or of a range, e.g. `8000-8009`. */
export type NetworkBinding = {
  readonly bindIP: string;
  readonly protocol: 'tcp' | 'udp';
} & (
  | { readonly containerPort: number; readonly hostPort: number }
  | { readonly containerPortRange: string; readonly hostPortRange: string }
);

/** One line of a task's timeline, for an operator: `web: pulled 127.0.0.1:4566/web in 1.2 s (41 MB)`. Best effort. */
export type NoteTimeline = (taskArn: string, entry: { readonly atMs: number; readonly text: string }) => void;

/** Where awslogs lines go. */
export interface LogSink {
  /** Makes the stream if it is missing; rejects with the text that ECS shows when the group is missing. */
  open(destination: LogDestination): Promise<void>;
  append(
    destination: LogDestination,
    events: readonly { readonly timeMs: number; readonly message: string }[],
  ): Promise<void>;
  /** The time of the last line that is stored, and how many lines carry just that time: where to go on after a restart. */
  position(destination: LogDestination): Promise<{ readonly timeMs: number; readonly linesAtTime: number } | undefined>;
}

/** Credentials for a pull, asked for each pull. */
export type PullCredentials = (
  task: TaskSpec,
  container: TaskContainer,
) => Promise<{ readonly username: string; readonly password: string; readonly serverAddress: string } | undefined>;
