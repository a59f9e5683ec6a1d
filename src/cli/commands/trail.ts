import { Command } from 'commander';
import type { CloudTrailClient, Event } from '@aws-sdk/client-cloudtrail';
import { systemClock } from '../../kernel/clock.ts';
import { withServer } from '../server-session.ts';
import { homeOption } from './options.ts';

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
  readonly lines: string;
  readonly follow: boolean;
  readonly json?: boolean;
}

export function trailCommand(): Command {
  const tail = new Command('tail')
    .description('Print the last events of the audit trail, and every new one until Ctrl-C.')
    .option('--lines <count>', 'how many past events', '10')
    .option('--no-follow', 'end after these')
    .option('--region <name>', "of that region (default: the server's own)")
    .option('--json', "each event as CloudTrail's JSON, on a line of its own")
    .addOption(homeOption())
    .addHelpText('after', EXAMPLES)
    .action((options: TailOptions) => withServer(options, ({ clients }) => tailEvents(clients.cloudtrail, options)));
  return new Command('trail').description('CloudTrail: who did what.').addCommand(tail);
}

async function tailEvents(cloudtrail: CloudTrailClient, options: TailOptions): Promise<void> {
  const seen = new Set<string>();
  const show = (events: readonly Event[]) => {
    for (const event of events.toReversed()) {
      if (seen.has(event.EventId ?? '')) continue;
      seen.add(event.EventId ?? '');
      process.stdout.write(`${options.json ? (event.CloudTrailEvent ?? '') : formatEvent(event)}\n`);
    }
  };
  const first = await eventsSince(cloudtrail, undefined, Number(options.lines));
  show(first);
  let last = first[0]?.EventTime ?? new Date(systemClock.now());
  while (options.follow) {
    await new Promise<void>((resolve) => systemClock.after(POLL_MS, resolve));
    const newer = await eventsSince(cloudtrail, last, Number.POSITIVE_INFINITY);
    show(newer);
    last = newer[0]?.EventTime ?? last;
  }
}

/** Newest first. */
async function eventsSince(client: CloudTrailClient, since: Date | undefined, most: number): Promise<readonly Event[]> {
  const { LookupEventsCommand } = await import('@aws-sdk/client-cloudtrail');
  const events: Event[] = [];
  let NextToken: string | undefined;
  do {
    const MaxResults = Math.max(1, Math.min(PAGE, most - events.length));
    const page = await client.send(
      new LookupEventsCommand({ MaxResults, ...(since && { StartTime: since }), ...(NextToken && { NextToken }) }),
    );
    events.push(...(page.Events ?? []));
    ({ NextToken } = page);
  } while (NextToken !== undefined && events.length < most);
  return events.slice(0, most);
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
  return `${time}  ${who}  ${service} ${event.EventName}${trouble}`;
}
