import { gunzipSync } from 'node:zlib';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';

/** The fields of an access log, in the order of ELB's documentation. */
const ACCESS = [
  'type',
  'time',
  'elb',
  'client:port',
  'target:port',
  'request_processing_time',
  'target_processing_time',
  'response_processing_time',
  'elb_status_code',
  'target_status_code',
  'received_bytes',
  'sent_bytes',
  'request',
  'user_agent',
  'ssl_cipher',
  'ssl_protocol',
  'target_group_arn',
  'trace_id',
  'domain_name',
  'chosen_cert_arn',
  'matched_rule_priority',
  'request_creation_time',
  'actions_executed',
  'redirect_url',
  'error_reason',
  'target:port_list',
  'target_status_code_list',
  'classification',
  'classification_reason',
  'conn_trace_id',
  'transformed_host',
  'transformed_uri',
  'request_transform_status',
  'ip_address',
] as const;

const CONNECTION = [
  'timestamp',
  'client_ip',
  'client_port',
  'listener_port',
  'tls_protocol',
  'tls_cipher',
  'tls_handshake_latency',
  'leaf_client_cert_subject',
  'leaf_client_cert_validity',
  'leaf_client_cert_serial_number',
  'tls_verify_status',
  'conn_trace_id',
  'tls_keyexchange',
  'elb',
  'ip_address',
] as const;

const HEALTH_CHECK = [
  'type',
  'time',
  'latency',
  'target_addr',
  'target_group_id',
  'status',
  'status_code',
  'reason_code',
  'elb',
  'ip_address',
] as const;

export type AccessFields = Readonly<Record<(typeof ACCESS)[number], string>>;
export type ConnectionFields = Readonly<Record<(typeof CONNECTION)[number], string>>;

export type HealthCheckFields = Readonly<Record<(typeof HEALTH_CHECK)[number], string>>;

export interface BalancerLogs {
  /** The keys of all files, whole. */
  readonly keys: readonly string[];
  /** In the order of their ends: files of a minute have names by chance. */
  readonly requests: readonly AccessFields[];
  readonly connections: readonly ConnectionFields[];
  readonly healthChecks: readonly HealthCheckFields[];
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html#attach-bucket-policy */
export function logDeliveryPolicy(bucket: string, principal: object): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: principal,
        Action: 's3:PutObject',
        Resource: `arn:aws:s3:::${bucket}/web/AWSLogs/123456789012/*`,
      },
    ],
  });
}

/** What load balancers have delivered to a bucket, read back as anyone reads it. */
export async function readLogs(s3: S3Client, bucket: string): Promise<BalancerLogs> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  const keys = Contents.map(({ Key = '' }) => Key).filter((key) => key.endsWith('.log.gz'));
  const linesOf = async (part: readonly string[]) => {
    const files = await Promise.all(part.map((key) => textOf(s3, bucket, key)));
    return files.flatMap((text) => text.trimEnd().split('\n'));
  };
  const [ofConnections, ofHealthChecks, ofRequests] = ['conn_log_', 'health_check_log_', ''].map((beginning) =>
    keys.filter((key) => key.includes(`/${beginning}123456789012_`)),
  );
  return {
    keys,
    requests: (await linesOf(ofRequests ?? []))
      .map((line) => fieldsOf(line, ACCESS))
      .toSorted((one, other) => one.time.localeCompare(other.time)),
    connections: (await linesOf(ofConnections ?? [])).map((line) => fieldsOf(line, CONNECTION)),
    healthChecks: (await linesOf(ofHealthChecks ?? [])).map((line) => fieldsOf(line, HEALTH_CHECK)),
  };
}

async function textOf(s3: S3Client, Bucket: string, Key: string): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  return gunzipSync((await Body?.transformToByteArray()) ?? '').toString();
}

function fieldsOf<Name extends string>(line: string, names: readonly Name[]): Readonly<Record<Name, string>> {
  const values = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  if (values.length !== names.length) throw new Error(`${values.length} fields, not ${names.length}: ${line}`);
  const fields = Object.fromEntries(names.map((name, at) => [name, values[at] ?? '']));
  return fields as Readonly<Record<Name, string>>;
}
