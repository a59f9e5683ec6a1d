import type { Call } from '../api/context.ts';
import { messageOf, ServiceError } from '../kernel/errors.ts';
import type { ExecLogging } from '../services/ecs/index.ts';

/* What AWS's agent asks before it starts the program, and how it says that it does not. */

const REFUSED = "We couldn't start the session because encryption is not set up on the selected";
const OTHERWISE = 'or choose an option to enable logging without encryption.';

/** @throws Error for a group without a key of one's own, or one that the role cannot find */
export async function checkGroupEncryption(
  call: Call,
  { name, mustBeEncrypted }: NonNullable<ExecLogging['logGroup']>,
): Promise<void> {
  if (!mustBeEncrypted || (await isEncrypted(call, name))) return;
  throw new Error(`${REFUSED} CloudWatch Logs log group. Either encrypt the log group ${OTHERWISE}`);
}

async function isEncrypted(call: Call, logGroupNamePrefix: string): Promise<boolean> {
  try {
    // By its name alone: it comes first of those that begin with it.
    const { logGroups = [] } = await call('logs', 'DescribeLogGroups', { logGroupNamePrefix, limit: 1 });
    return logGroups.some(({ logGroupName, kmsKeyId }) => logGroupName === logGroupNamePrefix && kmsKeyId);
  } catch (error) {
    if (error instanceof ServiceError) return false;
    throw error;
  }
}

/** @throws Error for a bucket that does not encrypt, or of which the role cannot know */
export async function checkBucketEncryption(
  call: Call,
  { name: Bucket, mustBeEncrypted }: NonNullable<ExecLogging['bucket']>,
): Promise<void> {
  if (!mustBeEncrypted) return;
  const { ServerSideEncryptionConfiguration: found } = await call('s3', 'GetBucketEncryption', { Bucket }).catch(
    (error: unknown) => {
      const why = error instanceof ServiceError ? `${error.code}: ${error.message}` : messageOf(error);
      throw new Error(
        `Couldn't start the session because we are unable to validate encryption on Amazon S3 bucket. Error: ${why}`,
        { cause: error },
      );
    },
  );
  if (found?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm) return;
  throw new Error(`${REFUSED} Amazon S3 bucket. Either encrypt the bucket ${OTHERWISE}`);
}
