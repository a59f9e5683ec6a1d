import type { Event, Trail } from '@aws-sdk/client-cloudtrail';
import { DEFAULT_SELECTORS } from './domain/selectors.ts';
import type { StoredEvent } from './event-tables.ts';
import type { TrailRow } from './tables.ts';

/** What CreateTrail, UpdateTrail and DescribeTrails have in common. */
export function trailSettings(row: TrailRow) {
  return {
    Name: row.name,
    S3BucketName: row.bucket,
    ...(row.prefix !== undefined && { S3KeyPrefix: row.prefix }),
    IncludeGlobalServiceEvents: row.includeGlobal,
    IsMultiRegionTrail: row.multiRegion,
    TrailARN: row.arn,
    LogFileValidationEnabled: row.validation,
    ...(row.logGroupArn !== undefined && { CloudWatchLogsLogGroupArn: row.logGroupArn }),
    ...(row.logsRoleArn !== undefined && { CloudWatchLogsRoleArn: row.logsRoleArn }),
    IsOrganizationTrail: false,
  };
}

export function trailView(row: TrailRow): Trail {
  return {
    ...trailSettings(row),
    HomeRegion: row.region,
    HasCustomEventSelectors: JSON.stringify(row.selectors) !== JSON.stringify(DEFAULT_SELECTORS),
    HasInsightSelectors: false,
  };
}

export function eventView({ timeMs, event, username, resources }: StoredEvent): Event {
  const accessKeyId = event.userIdentity['accessKeyId'];
  return {
    EventId: event.eventID,
    EventName: event.eventName,
    ReadOnly: String(event.readOnly),
    ...(typeof accessKeyId === 'string' && { AccessKeyId: accessKeyId }),
    EventTime: new Date(Math.floor(timeMs / 1000) * 1000),
    EventSource: event.eventSource,
    ...(username !== undefined && { Username: username }),
    Resources: resources.map(({ type, name }) => ({ ResourceType: type, ResourceName: name })),
    CloudTrailEvent: JSON.stringify(event),
  };
}
