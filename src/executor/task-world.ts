import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { Network } from '../network/network.ts';
import type { TaskCgroups } from '../runtime/cgroups/task-cgroups.ts';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import type { LogSink, NoteTimeline, PullCredentials } from './executor.ts';
import type { ImagePulls } from './image-pulls.ts';
import type { NetworkFiles } from './network-files.ts';
import type { PortRanges } from './port-ranges.ts';
import type { ResolveSecrets } from './secrets.ts';

/** What the composition gives the executor. */
export interface HostWorld {
  readonly runtime: ContainerRuntime;
  readonly network: Pick<Network, 'plug' | 'unplug' | 'isPlugged'>;
  readonly cgroups: TaskCgroups;
  /** Left out where the engine's files are not this host's: there the engine writes them. */
  readonly networkFiles?: NetworkFiles;
  readonly clock: Clock;
  readonly log: Log;
  readonly instanceId: string;
  readonly logs: LogSink;
  readonly credentials: PullCredentials;
  readonly resolveSecrets: ResolveSecrets;
  readonly note: NoteTimeline;
  /** As on an instance: where a pull fails, the image that an earlier one left there will do. */
  readonly usesCachedImages?: boolean;
  /** A reference on this host: `ensurePauseImage` makes it. */
  readonly pauseImage: string;
}

/** The same, for one task of several on the host. */
export interface TaskWorld extends Omit<HostWorld, 'credentials'> {
  readonly images: ImagePulls;
  readonly portRanges: PortRanges;
}
