import type { Cli } from './cli.ts';
import { until } from './until.ts';

/** What `aws cloudtrail lookup-events` answers of one event, with its record parsed. */
export interface SeenEvent {
  readonly EventId: string;
  readonly EventName: string;
  readonly EventTime: string;
  readonly EventSource: string;
  readonly ReadOnly: string;
  readonly Username?: string;
  readonly AccessKeyId?: string;
  readonly Resources: readonly { readonly ResourceType: string; readonly ResourceName: string }[];
  /** In AWS's event format. */
  readonly event: any;
}

/** Newest first, all pages. `attribute` is e.g. `EventName=CreateCluster`; left out, every event. */
export async function lookUp(aws: Cli, attribute?: string, ...more: readonly string[]): Promise<SeenEvent[]> {
  const [key, ...value] = attribute?.split('=') ?? [];
  const asked = key === undefined ? [] : ['--lookup-attributes', attributeOf(key, value.join('='))];
  const { Events } = await aws('cloudtrail lookup-events', ...asked, ...more);
  return Events.map(({ CloudTrailEvent, ...shown }: any) => ({ ...shown, event: JSON.parse(CloudTrailEvent) }));
}

/** In JSON: an ARN's characters mean something in the CLI's shorthand. */
function attributeOf(AttributeKey: string, AttributeValue: string): string {
  return JSON.stringify([{ AttributeKey, AttributeValue }]);
}

/** Waits until an event that fits has come from the journal into the index; answers the newest. */
export async function recorded(
  aws: Cli,
  attribute: string,
  fits: (event: any) => boolean = () => true,
): Promise<SeenEvent> {
  return until(`an event of ${attribute} is recorded`, async () =>
    (await lookUp(aws, attribute)).find(({ event }) => fits(event)),
  );
}
