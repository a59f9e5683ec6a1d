import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { CreateClusterCommand } from '@aws-sdk/client-ecs';
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { AWS_PROGRAM } from './aws-cli.ts';
import { cliOf } from './cli.ts';
import type { Cli } from './cli.ts';
import type { Longshore } from './longshore.ts';
import { run } from './run.ts';
import type { Ran } from './run.ts';
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

/** Events for a trail: clusters `PREFIX-0`, `PREFIX-1` ... made at once; answers their names. */
export async function createClusters(
  server: Longshore,
  prefix: string,
  count: number,
  region = 'us-east-1',
): Promise<string[]> {
  const { ecs } = await server.clients({ region });
  const names = Array.from({ length: count }, (_, i) => `${prefix}-${i}`);
  await Promise.all(names.map((clusterName) => ecs.send(new CreateClusterCommand({ clusterName }))));
  return names;
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

const ACCOUNT = '123456789012';

export const trailArn = (name: string): string => `arn:aws:cloudtrail:us-east-1:${ACCOUNT}:trail/${name}`;

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html */
export function deliveryPolicy(bucket: string, trail: string): string {
  const source = { 'aws:SourceArn': trailArn(trail) };
  const statement = (Sid: string, Action: string, path: string, conditions: object) => ({
    Sid,
    Effect: 'Allow',
    Principal: { Service: 'cloudtrail.amazonaws.com' },
    Action,
    Resource: `arn:aws:s3:::${bucket}${path}`,
    Condition: { StringEquals: conditions },
  });
  const written = { 's3:x-amz-acl': 'bucket-owner-full-control', ...source };
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      statement('AWSCloudTrailAclCheck20150319', 's3:GetBucketAcl', '', source),
      statement('AWSCloudTrailWrite20150319', 's3:PutObject', `/AWSLogs/${ACCOUNT}/*`, written),
    ],
  });
}

/** A file that a trail has delivered. */
export interface TrailFile {
  readonly key: string;
  readonly content: any;
}

/** What a trail has delivered to a bucket, unpacked and parsed, by key. */
export class TrailBucket {
  readonly name: string;
  readonly #s3: S3Client;

  constructor(name: string, s3: S3Client) {
    this.name = name;
    this.#s3 = s3;
  }

  logs(): Promise<TrailFile[]> {
    return this.#files(`AWSLogs/${ACCOUNT}/CloudTrail/`);
  }

  digests(): Promise<TrailFile[]> {
    return this.#files(`AWSLogs/${ACCOUNT}/CloudTrail-Digest/`);
  }

  /** Of every log file. */
  async events(): Promise<any[]> {
    return (await this.logs()).flatMap(({ content }) => content.Records);
  }

  /** Waits until events that fit have come; answers them. */
  async waitFor(count: number, fits: (event: any) => boolean): Promise<any[]> {
    return until(`${count} events are in the bucket ${this.name}`, async () => {
      const found = (await this.events()).filter(fits);
      return found.length >= count && found;
    });
  }

  /** Waits until a digest names every log file. */
  async allDigested(): Promise<void> {
    await until('every log file is in a digest', async () => {
      const named = (await this.digests()).flatMap(({ content }) => content.logFiles.map((file: any) => file.s3Object));
      return new Set(named).isSupersetOf(new Set((await this.logs()).map(({ key }) => key)));
    });
  }

  /** Replaces a file by what `change` makes of its text; its metadata stay. */
  async tamper(key: string, change: (text: string) => string): Promise<void> {
    const { Body, Metadata } = await this.#s3.send(new GetObjectCommand({ Bucket: this.name, Key: key }));
    const text = gunzipSync((await Body?.transformToByteArray()) ?? '').toString();
    const changed = gzipSync(change(text));
    await this.#s3.send(new PutObjectCommand({ Bucket: this.name, Key: key, Body: changed, Metadata }));
  }

  async remove(key: string): Promise<void> {
    await this.#s3.send(new DeleteObjectCommand({ Bucket: this.name, Key: key }));
  }

  async #files(prefix: string): Promise<TrailFile[]> {
    const listing = new ListObjectsV2Command({ Bucket: this.name, Prefix: prefix });
    const { Contents = [] } = await this.#s3.send(listing);
    const keys = Contents.map(({ Key = '' }) => Key).filter((key) => key.endsWith('.json.gz'));
    return Promise.all(
      keys.map(async (key) => {
        const { Body } = await this.#s3.send(new GetObjectCommand({ Bucket: this.name, Key: key }));
        return { key, content: JSON.parse(gunzipSync((await Body?.transformToByteArray()) ?? '').toString()) };
      }),
    );
  }
}

/** A bucket that takes the files of this trail. */
export async function bucketFor(server: Longshore, trail: string): Promise<TrailBucket> {
  const name = `files-of-${trail}`;
  const aws = cliOf(server);
  await aws(`s3api create-bucket --bucket ${name}`);
  await aws(`s3api put-bucket-policy --bucket ${name} --policy`, deliveryPolicy(name, trail));
  const { s3 } = await server.clients();
  return new TrailBucket(name, s3);
}

/** A trail that logs; answers its bucket. */
export async function startTrail(server: Longshore, name: string, ...more: readonly string[]): Promise<TrailBucket> {
  const bucket = await bucketFor(server, name);
  const aws = cliOf(server);
  await aws(`cloudtrail create-trail --name ${name} --s3-bucket-name ${bucket.name}`, ...more);
  await aws(`cloudtrail start-logging --name ${name}`);
  return bucket;
}

const VALIDATOR = join(import.meta.dirname, 'validate-logs.py');

/** `aws cloudtrail validate-logs --verbose`: AWS's own code, see validate-logs.py. */
export async function validateLogs(server: Longshore, trail: string, ...more: readonly string[]): Promise<Ran> {
  const [shebang = ''] = (await readFile(AWS_PROGRAM, 'utf8')).split('\n');
  const { accessKeyId, secretAccessKey } = await server.credentials();
  const asked = ['--trail-arn', trailArn(trail), '--start-time', '2026-01-01', '--verbose', ...more];
  return run(shebang.slice('#!'.length), [VALIDATOR, server.endpoint, 'cloudtrail', 'validate-logs', ...asked], {
    env: {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    },
  });
}
