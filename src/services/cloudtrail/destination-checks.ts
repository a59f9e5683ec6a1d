import { parseArn, type Scope } from '../../kernel/arn.ts';
import { ServiceError } from '../../kernel/errors.ts';
import type { Call } from '../../api/context.ts';
import type { CallAs } from '../../api/service.ts';
import { digestFolder, logFolder } from './domain/log-file.ts';
import { logGroupName, type TrailSettings } from './domain/trail-settings.ts';
import { bucketPolicy, invalidLogGroup, invalidLogsRole, noSuchBucket } from './errors.ts';
import type { CloudTrailContext } from './operation.ts';

/** The session under which CloudTrail writes to log groups. */
const LOGS_SESSION = 'CLOUDWATCH_LOGS_DELIVERY_SESSION';

export function logsIdentity(roleArn: string): CallAs {
  return { role: { arn: roleArn, sessionName: LOGS_SESSION } };
}

export function logStreamName(account: string, region: string): string {
  return `${account}_CloudTrail_${region}`;
}

/** What a caller may not do has one code in a service's model and another on its wire. */
export function errorCode(error: ServiceError): string {
  return error.code === 'AccessDeniedException' ? 'AccessDenied' : error.code;
}

/**
 * Writes the folders that files will come in, as CloudTrail does, so that a bucket or a policy that refuses them is
 * found out before there is a trail.
 */
export async function checkBucket(ctx: CloudTrailContext, arn: string, settings: TrailSettings): Promise<void> {
  const call = ctx.ports.callIn(ctx, { sourceArn: arn });
  const place = { account: ctx.account, ...(settings.prefix !== undefined && { prefix: settings.prefix }) };
  const folders = [logFolder(place), ...(settings.validation ? [digestFolder(place)] : [])];
  const { bucket } = settings;
  try {
    for (const Key of folders) {
      await call('s3', 'PutObject', { Bucket: bucket, Key, Body: Buffer.alloc(0), ACL: 'bucket-owner-full-control' });
    }
  } catch (thrown) {
    const error = await bucketError(call, bucket, thrown);
    if (!(error instanceof ServiceError)) throw error;
    if (error.code === 'NoSuchBucket') throw noSuchBucket(bucket);
    if (errorCode(error) === 'AccessDenied') throw bucketPolicy(bucket);
    throw error;
  }
}

/** Why a bucket took no file. S3 tells nobody who may not write to it whether there is one: NoSuchBucket, if there is none. */
export async function bucketError(call: Call, bucket: string, error: unknown): Promise<unknown> {
  if (!(error instanceof ServiceError) || errorCode(error) !== 'AccessDenied') return error;
  const { Buckets = [] } = await call('s3', 'ListBuckets', { Prefix: bucket });
  return Buckets.some(({ Name }) => Name === bucket)
    ? error
    : new ServiceError('NoSuchBucket', 'The specified bucket does not exist', { httpStatus: 404 });
}

/** Makes the stream that events will come in. */
export async function checkLogGroup(ctx: CloudTrailContext, settings: TrailSettings): Promise<void> {
  const { logGroupArn, logsRoleArn } = settings;
  if (logGroupArn === undefined || logsRoleArn === undefined) return;
  const call = ctx.ports.callIn(groupScope(logGroupArn), logsIdentity(logsRoleArn));
  try {
    await call('logs', 'CreateLogStream', {
      logGroupName: logGroupName(logGroupArn),
      logStreamName: logStreamName(ctx.account, ctx.region),
    });
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    if (error.code === 'ResourceAlreadyExistsException') return;
    if (error.code === 'ResourceNotFoundException') {
      throw invalidLogGroup('CloudTrail cannot validate the specified log group ARN.');
    }
    if (errorCode(error) !== 'AccessDenied') throw error;
    throw /sts:AssumeRole|may not assume/.test(error.message)
      ? invalidLogsRole('Access denied. Check the trust relationships for your role.')
      : invalidLogGroup('Access denied. Check the permissions for your role.');
  }
}

/** Where a log group lives. */
export function groupScope(logGroupArn: string): Scope {
  const { account = '', region = '' } = parseArn(logGroupArn) ?? {};
  return { account, region };
}
