import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { Config } from './config.ts';
import type { Home } from './home.ts';

/** What the whole server is made of. */
export interface Environment {
  readonly config: Config;
  readonly home: Home;
  readonly endpoint: string;
  /** `host:port` of the registry in repository URIs. */
  readonly registryHost: string;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}
