import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Clock } from '../../kernel/clock.ts';
import { type Clients, clientsFor } from '../clients.ts';
import { type Home, type ServerState, readCredentials } from '../home.ts';
import { waitFor } from '../waiting.ts';
import type { Site } from './site.ts';

export interface DemoClients extends Clients {
  readonly autoscaling: AutoScalingClient;
  readonly cloudwatch: CloudWatchClient;
  readonly ssm: SSMClient;
}

/** What every step of the demo works with. */
export interface Session {
  readonly home: Home;
  readonly server: ServerState;
  readonly clients: DemoClients;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What steps for one of the two sites work with. */
export interface SiteSession extends Session {
  readonly site: Site;
}

/** Shows one line of what a step does now. */
export type Progress = (line: string) => void;

export function openSession(home: Home, server: ServerState, clock: Clock, signal: AbortSignal): Session {
  const credentials = readCredentials(home);
  const config = { endpoint: server.endpoint, region: server.region, credentials: { ...credentials } };
  const clients = {
    ...clientsFor(server, credentials),
    autoscaling: new AutoScalingClient(config),
    cloudwatch: new CloudWatchClient(config),
    ssm: new SSMClient(config),
  };
  return { home, server, clients, clock, signal };
}

export function sessionWait<T>(
  session: Session,
  what: string,
  timeoutMs: number,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  return waitFor(what, ask, { clock: session.clock, signal: session.signal, timeoutMs });
}

/** @throws Error when an answer lacks what it must have */
export function must<T>(value: T | null | undefined, what: string): T {
  if (value === undefined || value === null) throw new Error(`the server's answer lacks ${what}`);
  return value;
}
