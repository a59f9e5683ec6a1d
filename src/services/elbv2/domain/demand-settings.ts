import type { Tags } from '../../../kernel/tags.ts';
import { invalid } from '../errors.ts';
import { isStream } from './protocols.ts';

/** A request to a group without a healthy target waits, and wakes the service: `true`, or for how many seconds it waits. */
export const WAKE_TAG = 'longshore:wake-on-request';
/** After so many seconds without a request the service is scaled to zero. */
export const IDLE_TAG = 'longshore:scale-to-zero-after';

const DEFAULT_HOLD_SECONDS = 30;
const MOST_HOLD_SECONDS = 300;
const MOST_IDLE_SECONDS = 7 * 24 * 3600;

/** What the tags of a target group ask for, beyond AWS: a service that runs only while there are requests. */
export interface DemandSettings {
  readonly holdMs?: number;
  readonly idleMs?: number;
}

export function demandSettings(tags: Tags): DemandSettings {
  const hold = holdSeconds(tags[WAKE_TAG]);
  const idle = tags[IDLE_TAG];
  return {
    ...(hold === undefined ? {} : { holdMs: hold * 1000 }),
    ...(idle === undefined ? {} : { idleMs: Number(idle) * 1000 }),
  };
}

function holdSeconds(text: string | undefined): number | undefined {
  if (text === undefined || text === 'false') return undefined;
  return text === 'true' ? DEFAULT_HOLD_SECONDS : Number(text);
}

/** Refuses what a target group's tags ask for in vain. Throws ValidationError. */
export function checkDemandTags(tags: Tags, protocol: string): void {
  const wake = tags[WAKE_TAG];
  if (wake !== undefined && wake !== 'true' && wake !== 'false' && !isSeconds(wake, MOST_HOLD_SECONDS)) {
    throw invalid(
      `The tag '${WAKE_TAG}' must be 'true', 'false', or a number of seconds from 1 to ${MOST_HOLD_SECONDS}`,
    );
  }
  const idle = tags[IDLE_TAG];
  if (idle !== undefined && !isSeconds(idle, MOST_IDLE_SECONDS)) {
    throw invalid(`The tag '${IDLE_TAG}' must be a number of seconds from 1 to ${MOST_IDLE_SECONDS}`);
  }
  if (isStream(protocol) && (idle !== undefined || holdSeconds(wake) !== undefined)) {
    throw invalid(`The tags '${WAKE_TAG}' and '${IDLE_TAG}' are for target groups of protocol HTTP or HTTPS`);
  }
}

function isSeconds(text: string, most: number): boolean {
  return /^[1-9]\d{0,6}$/.test(text) && Number(text) <= most;
}
