import type { ContainerRuntime } from '../runtime/runtime.ts';

/**
 * EC2 instances: machines with a container engine of their own. Implementations: container/ (a container of this host that
 * runs an init, user data and an engine), fake/; one suite for both. Micro-VMs and machines over SSH fit behind it too.
 *
 * Level-triggered: doing a thing twice changes nothing; a restarted server finds its instances by `list`.
 * Failures are `RuntimeError`: temporary (no room now, engine away), rejected (no such machine image), gone.
 */
export interface InstanceDriver {
  /**
   * Starts it, made anew or stopped before (then with the limits and names of this `spec`); runs already: no error. Answers
   * once its init runs. Its network namespace is empty and new at each boot: plug the primary interface into its `pid`
   * whenever `bootId` has changed. User data waits for a default route, up to two minutes.
   */
  start(spec: InstanceSpec): Promise<void>;
  /** An orderly shutdown, by force after `timeoutMs`. Its disk stays. Stopped already, or gone: no error. */
  stop(instanceId: string, timeoutMs: number): Promise<void>;
  /** Removes it and its disk. Gone already: no error. */
  terminate(instanceId: string): Promise<void>;
  /** Its init starts anew; address and disk stay. */
  reboot(instanceId: string): Promise<void>;
  inspect(instanceId: string): Promise<InstanceSeen | undefined>;
  /** Every instance on this host that is this server's. */
  list(): Promise<readonly InstanceSeen[]>;
  /** A nudge for each instance that started or ended; may miss some: `list` is the truth. */
  events(signal: AbortSignal): AsyncIterable<{ readonly instanceId: string }>;
  /** What it has printed since it booted: the last 64 KiB. */
  consoleOutput(instanceId: string): Promise<string>;
  /** A file of its disk, e.g. `/etc/ecs/ecs.config`; undefined where there is none. At most 1 MiB. */
  readFile(instanceId: string, path: string): Promise<Buffer | undefined>;
  /**
   * Its container engine. Not running: the runtime's calls fail with `temporary`. A `pid` of a container is this host's
   * already: an interface can be plugged into it as it is.
   */
  runtimeOf(instanceId: string): ContainerRuntime;
  /** The process on this host that is `pid` inside the instance, for ids that come from inside. */
  hostPid(instanceId: string, pid: number): Promise<number | undefined>;
}

/** Which programs it boots with. */
export type MachineImage =
  /** As Amazon's ECS-optimized images: a container engine, an agent, a shell. */
  | 'ecs-optimized'
  /** A shell and little else, no engine. */
  | 'minimal';

export interface InstanceSpec {
  readonly instanceId: string;
  readonly image: MachineImage;
  /** Whole CPUs, a hard limit; on a host with fewer it has all there are. */
  readonly cpus: number;
  readonly memoryBytes: number;
  /** E.g. `ip-172-31-0-11.ec2.internal`. */
  readonly hostname: string;
  readonly dnsServers: readonly string[];
  readonly dnsSearch: readonly string[];
  /** Run by its init as root at its first boot: a shell script, a cloud-config or a MIME multipart of them. At most 16 KiB. */
  readonly userData?: Buffer;
  /** In OpenSSH's format, for the user `ec2-user`. */
  readonly publicKeys: readonly string[];
  /** What its engine reaches as this server's registry, e.g. `127.0.0.1:4566`: images of ECR are named by it, as for tasks. */
  readonly registry: string;
}

export interface InstanceSeen {
  readonly instanceId: string;
  readonly state: 'running' | 'stopped';
  /** Of its init on this host, while it runs: its network namespace is where the primary interface is plugged. */
  readonly pid?: number;
  /** Changes at each boot. */
  readonly bootId: string;
  /** `done` and `failed` (with a code other than 0) once user data has run, at any boot. */
  readonly userData: 'pending' | 'running' | 'done' | 'failed';
  /** Whether its container engine answers. */
  readonly engineReady: boolean;
  /** It still runs, and `stop` is under way: what ends inside ends because of that. */
  readonly isStopping?: true;
  /**
   * It does not run, but neither did it power itself off nor was it killed: its host ended it (or itself), or it wants to boot
   * again. Whoever wants it to run starts it. Of no meaning after `stop`.
   */
  readonly isInterrupted?: true;
}
