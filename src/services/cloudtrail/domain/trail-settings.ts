import type { CreateTrailRequest, UpdateTrailRequest } from '@aws-sdk/client-cloudtrail';
import { parseArn } from '../../../kernel/arn.ts';
import {
  invalidBucketName,
  invalidCombination,
  invalidLogGroup,
  invalidLogsRole,
  invalidPrefix,
  notSupported,
} from '../errors.ts';
import type { TrailRow } from '../tables.ts';

export type TrailSettings = Pick<
  TrailRow,
  'bucket' | 'prefix' | 'includeGlobal' | 'multiRegion' | 'validation' | 'logGroupArn' | 'logsRoleArn'
>;

type Given = Partial<Omit<CreateTrailRequest, 'Name' | 'TagsList'>> & Partial<UpdateTrailRequest>;

export const NEW_TRAIL: TrailSettings = { bucket: '', includeGlobal: true, multiRegion: false, validation: false };

const LONGEST_PREFIX = 200;
const BUCKET = /^[a-z0-9](?:[a-z0-9.-]{1,61})[a-z0-9]$/;

/**
 * A trail's settings after a call that gives some of them; an empty text takes one away. Pure.
 * @throws ServiceError of CreateTrail and UpdateTrail
 */
export function changedSettings(before: TrailSettings, given: Given, account: string): TrailSettings {
  refuseUnsupported(given);
  const prefix = changed(before.prefix, given.S3KeyPrefix);
  const logGroupArn = changed(before.logGroupArn, given.CloudWatchLogsLogGroupArn);
  const logsRoleArn = changed(before.logsRoleArn, given.CloudWatchLogsRoleArn);
  const after: TrailSettings = {
    bucket: given.S3BucketName ?? before.bucket,
    includeGlobal: given.IncludeGlobalServiceEvents ?? before.includeGlobal,
    multiRegion: given.IsMultiRegionTrail ?? before.multiRegion,
    validation: given.EnableLogFileValidation ?? before.validation,
    ...(prefix !== undefined && { prefix }),
    ...(logGroupArn !== undefined && { logGroupArn }),
    ...(logsRoleArn !== undefined && { logsRoleArn }),
  };
  if (!BUCKET.test(after.bucket)) throw invalidBucketName(`Bucket name ${after.bucket} is invalid.`);
  if (prefix !== undefined && (prefix.length > LONGEST_PREFIX || prefix.startsWith('/') || prefix.endsWith('/'))) {
    throw invalidPrefix(`S3 prefix ${prefix} is invalid: up to ${LONGEST_PREFIX} characters, no slash at either end.`);
  }
  if (after.multiRegion && !after.includeGlobal) {
    throw invalidCombination('Multi-Region trail must include global service events.');
  }
  checkLogs(after, account);
  return after;
}

function changed(before: string | undefined, given: string | undefined): string | undefined {
  return (given ?? before) || undefined;
}

function checkLogs({ logGroupArn, logsRoleArn }: TrailSettings, account: string): void {
  if (logGroupArn === undefined && logsRoleArn === undefined) return;
  if (logsRoleArn === undefined) throw invalidLogsRole('You must specify a role ARN as well as a log group.');
  if (logGroupArn === undefined) throw invalidLogGroup('You must specify a log group as well as a role ARN.');
  const group = parseArn(logGroupArn);
  if (group?.service !== 'logs' || group.account !== account || logGroupName(logGroupArn) === undefined) {
    throw invalidLogGroup('CloudTrail cannot validate the specified log group ARN.');
  }
  const role = parseArn(logsRoleArn);
  if (role?.service !== 'iam' || !role.resource.startsWith('role/')) {
    throw invalidLogsRole('CloudTrail cannot validate the specified role ARN.');
  }
}

/** `arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*` */
export function logGroupName(arn: string): string | undefined {
  return /^log-group:([^:*]{1,512})(?::\*)?$/.exec(parseArn(arn)?.resource ?? '')?.[1];
}

function refuseUnsupported(given: Given): void {
  if (given.SnsTopicName) throw notSupported('SnsTopicName');
  if (given.KmsKeyId) throw notSupported('KmsKeyId');
  if (given.IsOrganizationTrail) throw notSupported('IsOrganizationTrail');
  if (given.RecursiveLogging === false) throw notSupported('RecursiveLogging false');
}
