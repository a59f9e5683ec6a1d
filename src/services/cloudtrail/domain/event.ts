import type { AuditRecord } from '../../../api/audit.ts';
import type { ServiceName } from '../../../api/clients.ts';
import { parseArn } from '../../../kernel/arn.ts';
import { parametersOf, type Json, type JsonObject } from './parameters.ts';
import { resourcesOf, type EventResource } from './resources.ts';
import { isoSeconds } from './times.ts';
import { userIdentity, userNameOf } from './user-identity.ts';

/** One record of AWS's event format 1.11, with its members in the order in which AWS writes them. */
export interface CloudTrailEvent {
  readonly eventVersion: '1.11';
  readonly userIdentity: JsonObject;
  /** `2026-01-31T09:05:07Z` */
  readonly eventTime: string;
  /** `ecs.amazonaws.com` */
  readonly eventSource: string;
  readonly eventName: string;
  readonly awsRegion: string;
  readonly sourceIPAddress: string;
  readonly userAgent?: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly requestParameters: JsonObject | null;
  readonly responseElements: JsonObject | null;
  readonly requestID: string;
  readonly eventID: string;
  readonly readOnly: boolean;
  readonly resources?: readonly { readonly accountId: string; readonly type: string; readonly ARN: string }[];
  readonly eventType: 'AwsApiCall';
  readonly managementEvent: true;
  readonly recipientAccountId: string;
  readonly eventCategory: 'Management';
}

/** An event with what LookupEvents shows besides it. */
export interface BuiltEvent {
  readonly event: CloudTrailEvent;
  readonly username?: string;
  readonly resources: readonly EventResource[];
}

const MOST_CHARACTERS = 1024;

/** Where a service's name in `eventSource`, and in its ARNs, is not ours. */
const SOURCE_NAMES: Partial<Record<ServiceName | 'cloudwatch', string>> = {
  cloudwatch: 'monitoring',
  elbv2: 'elasticloadbalancing',
};

/** Services without regions: AWS records their calls in us-east-1. */
const GLOBAL_SERVICES: ReadonlySet<string> = new Set(['iam', 'route53']);
export const GLOBAL_REGION = 'us-east-1';

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html#api-error-codes-table-server */
const EC2_FAULTS: ReadonlySet<string> = new Set([
  'InternalError',
  'InternalFailure',
  'ServiceUnavailable',
  'Unavailable',
]);

const CREDENTIALS_GIVEN: ReadonlySet<string> = new Set([
  'AssumeRole',
  'AssumeRoleWithWebIdentity',
  'GetFederationToken',
  'GetSessionToken',
]);

/** What IncludeGlobalServiceEvents is about. */
export function isGlobalSource(eventSource: string): boolean {
  return GLOBAL_SERVICES.has(eventSource.replace(/\.amazonaws\.com$/, ''));
}

/**
 * The event of a call that was over at `nowMs`. Pure.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export function buildEvent(record: AuditRecord, eventId: string, nowMs: number): BuiltEvent {
  const source = SOURCE_NAMES[record.service] ?? record.service;
  const requestParameters = requestOf(record);
  const responseElements = responseOf(record);
  const resources = resourcesOf(source, record.resources, [requestParameters, responseElements]);
  const userAgent = record.userAgent ?? (record.principal?.kind === 'service' ? record.sourceIp : undefined);
  const named = resources.filter((resource) => resource.arn !== undefined);
  const event: CloudTrailEvent = {
    eventVersion: '1.11',
    userIdentity: userIdentity(record),
    eventTime: isoSeconds(nowMs),
    eventSource: `${source}.amazonaws.com`,
    eventName: record.operation,
    awsRegion: GLOBAL_SERVICES.has(record.service) ? GLOBAL_REGION : record.region,
    sourceIPAddress: record.sourceIp,
    ...(userAgent !== undefined && { userAgent: userAgent.slice(0, MOST_CHARACTERS) }),
    ...(record.error && {
      errorCode: errorCodeOf(record.service, record.error.code),
      errorMessage: record.error.message.slice(0, MOST_CHARACTERS),
    }),
    requestParameters,
    responseElements,
    requestID: record.requestId,
    eventID: eventId,
    readOnly: record.readOnly,
    ...(named.length > 0 && { resources: named.map((resource) => reference(resource, record.account)) }),
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: record.account,
    eventCategory: 'Management',
  };
  const username = userNameOf(record.principal);
  return { event, resources, ...(username !== undefined && { username }) };
}

function reference({ type, arn = '' }: EventResource, account: string) {
  return { accountId: parseArn(arn)?.account || account, type, ARN: arn };
}

function requestOf(record: AuditRecord): JsonObject | null {
  const parameters = parametersOf(record.service, record.input, 'requestParameters');
  if (record.service !== 's3') return parameters;
  const shown: Record<string, Json> = { ...(record.host !== undefined && { Host: record.host }), ...parameters };
  return Object.keys(shown).length === 0 ? null : shown;
}

/** In a trail a denial has one name, whatever the service's protocol calls it; EC2's codes say whose fault it was. */
function errorCodeOf(service: ServiceName, code: string): string {
  if (service === 'ec2') return `${EC2_FAULTS.has(code) ? 'Server' : 'Client'}.${code}`;
  return code === 'AccessDeniedException' ? 'AccessDenied' : code;
}

/** Null for what only reads, and for what failed. Credentials that STS gave out are traced by their access key's id. */
function responseOf(record: AuditRecord): JsonObject | null {
  const isKept = !record.readOnly || (record.service === 'sts' && CREDENTIALS_GIVEN.has(record.operation));
  if (!isKept || record.error) return null;
  const elements = parametersOf(record.service, record.output, 'responseElements');
  if (record.service !== 'ec2') return elements;
  return { requestId: record.requestId, ...(elements ?? { _return: true }) };
}
