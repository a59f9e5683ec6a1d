import type { Call } from '../../api/context.ts';
import type { CallAs } from '../../api/service.ts';
import type { Scope } from '../../kernel/arn.ts';
import { ServiceError } from '../../kernel/errors.ts';
import { invalidConfiguration } from './errors.ts';

type CallIn = (scope: Scope, as: CallAs) => Call;

/** Who delivers logs, since 2022 in every region. */
const LOG_DELIVERY = 'logdelivery.elasticloadbalancing.amazonaws.com';

/**
 * ELB's own accounts, which policies of older buckets let in.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html#attach-bucket-policy
 */
const ELB_ACCOUNTS: Readonly<Record<string, string>> = {
  'us-east-1': '127311923021',
  'us-east-2': '033677994240',
  'us-west-1': '027434742980',
  'us-west-2': '797873946194',
  'af-south-1': '098369216593',
  'ap-east-1': '754344448648',
  'ap-southeast-3': '589379963580',
  'ap-south-1': '718504428378',
  'ap-northeast-3': '383597477331',
  'ap-northeast-2': '600734575887',
  'ap-southeast-1': '114774131450',
  'ap-southeast-2': '783225319266',
  'ap-northeast-1': '582318560864',
  'ca-central-1': '985666609251',
  'eu-central-1': '054676820928',
  'eu-west-1': '156460612806',
  'eu-west-2': '652711504416',
  'eu-south-1': '635631232127',
  'eu-west-3': '009996457667',
  'eu-north-1': '897822967062',
  'me-south-1': '076674570225',
  'sa-east-1': '507241528517',
};

export interface LogFile {
  readonly bucket: string;
  readonly key: string;
  readonly body: Buffer;
  readonly contentType: string;
}

interface LoadBalancer extends Scope {
  readonly arn: string;
}

/**
 * Writes an object under each of the names that bucket policies know ELB by, until one may.
 * @throws ServiceError of the last of them
 */
export async function putLogFile(callIn: CallIn, loadBalancer: LoadBalancer, file: LogFile): Promise<void> {
  const { region } = loadBalancer;
  const account = Object.hasOwn(ELB_ACCOUNTS, region) ? ELB_ACCOUNTS[region] : undefined;
  const input = { Bucket: file.bucket, Key: file.key, Body: file.body, ContentType: file.contentType };
  const put = (principal: string) =>
    callIn(loadBalancer, { sourceArn: loadBalancer.arn, principal })('s3', 'PutObject', input);
  try {
    await put(LOG_DELIVERY);
  } catch (error) {
    if (account === undefined || !isDenied(error)) throw error;
    await put(account);
  }
}

/**
 * Tries whether logs can be delivered, by a file that says so.
 * @throws ServiceError InvalidConfigurationRequestException
 */
export async function checkLogBucket(
  callIn: CallIn,
  loadBalancer: LoadBalancer & { readonly name: string },
  file: LogFile,
): Promise<void> {
  const { bucket } = file;
  const list = callIn(loadBalancer, { sourceArn: loadBalancer.arn });
  const { Buckets = [] } = await list('s3', 'ListBuckets', { Prefix: bucket });
  const region = Buckets.find(({ Name }) => Name === bucket)?.BucketRegion;
  if (region !== undefined && region !== loadBalancer.region) {
    throw invalidConfiguration(`S3Bucket: ${bucket} is not located in the same region with ELB: ${loadBalancer.name}`);
  }
  try {
    await putLogFile(callIn, loadBalancer, file);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw invalidConfiguration(`Access Denied for bucket: ${bucket}. Please check S3bucket permission`);
  }
}

function isDenied(error: unknown): boolean {
  return error instanceof ServiceError && error.code.startsWith('AccessDenied');
}
