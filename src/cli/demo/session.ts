import type { Clock } from '../../kernel/clock.ts';
import type { Clients } from '../clients.ts';
import type { Home, ServerState } from '../home.ts';
import { waitFor } from '../waiting.ts';

/** What every step of the demo works with. */
export interface Session {
  readonly home: Home;
  readonly server: ServerState;
  readonly clients: Clients;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Shows one line of what a step does now. */
export type Progress = (line: string) => void;

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
