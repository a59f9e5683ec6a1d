import { Command } from 'commander';
import type { CloudTrailClient, Event } from '@aws-sdk/client-cloudtrail';
import { sleep, systemClock } from '../../kernel/clock.ts';
import { withServer } from '../server-session.ts';
import { homeOption, regionName, wholeNumber } from './options.ts';

const EXAMPLES = `
Examples:
  longshore trail tail                     who called what, as it happens
  longshore trail tail --no-follow --lines 50
  longshore trail tail --json | jq .requestParameters`;

const POLL_MS = 1000;
const PAGE = 50;

interface TailOptions {
  readonly home?: string;
  readonly region?: string;
  readonly lines: number;
  readonly follow: boolean;
  readonly json?: boolean;
}

export function trailCommand(): Command {
  const tail = new Command('tail')
    .description('Print the last events of the audit trail, and every new one until Ctrl-C.')
    .option('--lines <count>', 'how many past events', wholeNumber, 10)
    .option('--no-follow', 'end after these')
    .option('--region <name>', "of that region (default: the server's own)", regionName)
    .option('--json', "each event as CloudTrail's JSON, on a line of its own")
    .addOption(homeOption())
    .addHelpText('after', EXAMPLES)
    .action((options: TailOptions) => withServer(options, ({ clients }) => tailEvents(clients.cloudtrail, options)));
  return new Command('trail').description('CloudTrail: who did what.').addCommand(tail);
}

async function tailEvents(client: CloudTrailClient, options: TailOptions): Promise<void> {
  const stop = stopSignal();
  const questions: Questions = { client, ids: new Set() };
  const past = await eventsSince(questions, undefined, Math.max(1, options.lines));
  for (const one of past.slice(0, options.lines).toReversed()) print(one, options);
  let since = past[0]?.event.EventTime ?? new Date(systemClock.now());
  // Times are in seconds: of the second of the last event, these are not new.
  const same = options.follow ? await eventsSince(questions, since, Number.POSITIVE_INFINITY) : [];
  const last = same.findIndex(({ event }) => event.EventId === past[0]?.event.EventId);
  let seen: ReadonlySet<string | undefined> = idsOf(last < 0 ? [] : same.slice(last));
  while (options.follow && !stop.aborted) {
    const found = await eventsSince(questions, since, Number.POSITIVE_INFINITY);
    for (const one of found.toReversed()) {
      // Asking is an event too: it would be answered with itself.
      const isOwn = questions.ids.delete(one.record['requestID']);
      if (!isOwn && !seen.has(one.event.EventId)) print(one, options);
    }
    if (found.length > 0) seen = idsOf(found);
    since = found[0]?.event.EventTime ?? since;
    await sleep(systemClock, POLL_MS, stop);
  }
}

function print({ event }: Shown, { json }: TailOptions): void {
  process.stdout.write(`${json ? (event.CloudTrailEvent ?? '') : formatEvent(event)}\n`);
}

function idsOf(events: readonly Shown[]): ReadonlySet<string | undefined> {
  return new Set(events.map(({ event }) => event.EventId));
}

interface Shown {
  readonly event: Event;
  readonly record: Readonly<Record<string, any>>;
}

interface Questions {
  readonly client: CloudTrailClient;
  /** Request ids of what this command has asked, until they come back as events. */
  readonly ids: Set<string>;
}

/** Newest first. */
async function eventsSince({ client, ids }: Questions, since: Date | undefined, most: number): Promise<Shown[]> {
  const { LookupEventsCommand } = await import('@aws-sdk/client-cloudtrail');
  const events: Event[] = [];
  let NextToken: string | undefined;
  do {
    const MaxResults = Math.max(1, Math.min(PAGE, most - events.length));
    const page = await client.send(
      new LookupEventsCommand({ MaxResults, ...(since && { StartTime: since }), ...(NextToken && { NextToken }) }),
    );
    ids.add(page.$metadata.requestId ?? '');
    events.push(...(page.Events ?? []));
    ({ NextToken } = page);
  } while (NextToken !== undefined && events.length < most);
  return events.slice(0, most).map((event) => ({ event, record: JSON.parse(event.CloudTrailEvent ?? '{}') }));
}

/** Ctrl-C is how following ends, as is a reader that has seen enough (`| head`). A second Ctrl-C ends it at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.stdout.once('error', () => stop.abort());
  return stop.signal;
}

/** `2026-01-31 12:00:00  123456789012:user/anna  ecs RunTask  AccessDenied` */
export function formatEvent(event: Event): string {
  const record: Readonly<Record<string, any>> = JSON.parse(event.CloudTrailEvent ?? '{}');
  const time = (event.EventTime ?? new Date(0)).toISOString().slice(0, 19).replace('T', ' ');
  const identity = record['userIdentity'] ?? {};
  const who = identity.arn?.split(':').at(-1) ?? identity.invokedBy ?? identity.type ?? 'unknown';
  const service = (event.EventSource ?? '').replace('.amazonaws.com', '');
  const [message] = String(record['errorMessage'] ?? '').split(' Encoded authorization failure message');
  const trouble = record['errorCode'] === undefined ? '' : `  ${record['errorCode']}: ${message}`;
  return printable(`${time}  ${who}  ${service} ${event.EventName}${trouble}`);
}

/** Callers choose what refusals quote: it must not reach the terminal as commands, nor as lines of its own. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, '\u{fffd}');
}
