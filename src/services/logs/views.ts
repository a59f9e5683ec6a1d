import type { LogGroup, LogStream } from '@aws-sdk/client-cloudwatch-logs';
import { groupArn, groupArnWithStreams, streamArn } from './names.ts';
import type { LogGroupRow, LogStreamRow } from './tables.ts';

export function logGroupView(row: LogGroupRow, storedBytes: number): LogGroup {
  return {
    logGroupName: row.name,
    creationTime: row.createdAtMs,
    ...(row.retentionInDays !== undefined && { retentionInDays: row.retentionInDays }),
    metricFilterCount: 0,
    arn: groupArnWithStreams(row, row.name),
    logGroupArn: groupArn(row, row.name),
    storedBytes,
    logGroupClass: 'STANDARD',
    deletionProtectionEnabled: row.isProtected ?? false,
  };
}

/** `storedBytes` of a stream is 0 in AWS too, since 2019. */
export function logStreamView(row: LogStreamRow): LogStream {
  return {
    logStreamName: row.name,
    creationTime: row.createdAtMs,
    ...(row.firstEventMs !== undefined && { firstEventTimestamp: row.firstEventMs }),
    ...(row.lastEventMs !== undefined && { lastEventTimestamp: row.lastEventMs }),
    ...(row.lastIngestionMs !== undefined && { lastIngestionTime: row.lastIngestionMs }),
    uploadSequenceToken: sequenceToken(row),
    arn: streamArn(row, row.groupName, row.name),
    storedBytes: 0,
  };
}

/** AWS still answers a token, and ignores it when it comes back. */
export function sequenceToken(row: LogStreamRow): string {
  return `49${String(row.nextSequence).padStart(54, '0')}`;
}
