import type { Principal } from '../../../identity/principal.ts';
import { validationError } from '../errors.ts';

const HOUR_SECONDS = 3600;
const HALF_DAY_SECONDS = 43_200;

/** When a session begins and ends, in ms since the epoch: whole seconds, which is all that clients are told. */
export interface SessionTimes {
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

export function sessionTimes(now: number, durationSeconds: number): SessionTimes {
  const issuedAtMs = Math.floor(now / 1000) * 1000;
  return { issuedAtMs, expiresAtMs: issuedAtMs + durationSeconds * 1000 };
}

/**
 * For how long a role is assumed: an hour if nothing is said.
 * @param asked DurationSeconds
 * @param maxSessionSeconds the role's MaxSessionDuration
 */
export function roleSeconds(asked: number | undefined, maxSessionSeconds: number, caller: Principal): number {
  const seconds = asked ?? HOUR_SECONDS;
  if (caller.kind === 'assumed-role' && seconds > HOUR_SECONDS) {
    throw validationError(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    );
  }
  if (seconds > maxSessionSeconds) {
    throw validationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
  return seconds;
}

/** Of GetSessionToken and GetFederationToken: twelve hours if nothing is said; root gets one at most. */
export function userSeconds(asked: number | undefined, caller: Principal): number {
  const seconds = asked ?? HALF_DAY_SECONDS;
  return caller.kind === 'root' ? Math.min(seconds, HOUR_SECONDS) : seconds;
}
