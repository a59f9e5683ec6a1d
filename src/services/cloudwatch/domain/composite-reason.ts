import type { StateValue } from './alarm.ts';

/** An alarm that a composite one looks at. */
export interface Child {
  readonly name: string;
  readonly arn: string;
  readonly state: StateValue;
  /** When it went into its state, in ms since the epoch. */
  readonly sinceMs: number;
}

/** Why a composite alarm is in a state, in AWS's words: the child that changed last is to blame. */
export function compositeReason(
  arn: string,
  news: 'created' | 'updated' | undefined,
  state: StateValue,
  children: readonly Child[],
): string {
  const last = lastChanged(children);
  if (news !== undefined || !last) return `${arn} was ${news ?? 'updated'} and its alarm rule evaluates to ${state}`;
  return `${last.arn} transitioned to ${last.state} at ${longDate(last.sinceMs)}`;
}

/** The same as JSON. */
export function compositeReasonData(children: readonly Child[], all: boolean): string {
  const last = lastChanged(children);
  const told = all ? children : last ? [last] : [];
  return JSON.stringify({
    triggeringAlarms: told.map(({ arn, state, sinceMs }) => ({
      arn,
      state: { value: state, timestamp: new Date(sinceMs).toISOString().replace('Z', '+0000') },
    })),
  });
}

function lastChanged(children: readonly Child[]): Child | undefined {
  return children.toSorted((a, b) => b.sinceMs - a.sinceMs)[0];
}

const FORMAT = new Intl.DateTimeFormat('en-US', {
  weekday: 'long',
  day: '2-digit',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
  timeZone: 'UTC',
});

/** `Friday 28 August, 2020 20:23:20 UTC` */
function longDate(atMs: number): string {
  const parts = new Map(FORMAT.formatToParts(atMs).map(({ type, value }) => [type, value]));
  const [weekday, day, month, year, hour, minute, second] = (
    ['weekday', 'day', 'month', 'year', 'hour', 'minute', 'second'] as const
  ).map((name) => parts.get(name) ?? '');
  return `${weekday} ${day} ${month}, ${year} ${hour}:${minute}:${second} UTC`;
}
