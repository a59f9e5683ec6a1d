import type { Context, Call } from '../../api/context.ts';
import { operationsOf } from '../../api/operation.ts';
import type { CallAs, ServiceEnvironment } from '../../api/service.ts';
import type { Scope } from '../../kernel/arn.ts';
import type { SealedBox } from '../../kernel/sealed-box.ts';
import type { Store } from '../../store/store.ts';

/** What CloudTrail is lent. */
export interface CloudTrailPorts {
  /** The store that the audit journal fills (`openAuditJournal`): apart from the server's state, since it grows with every call. */
  readonly events: Store;
  /** Of purpose `cloudtrail-digests`. */
  readonly box: SealedBox;
  /** Calls as cloudtrail.amazonaws.com, or with a role: what the reconcilers' environment has, for CreateTrail's checks. */
  readonly callIn: (scope: Scope, as: CallAs) => Call;
  /** How long LookupEvents knows an event. 90 days if left out. */
  readonly retentionMs?: number;
  /** How often a trail delivers. 5 minutes if left out. */
  readonly deliveryIntervalMs?: number;
  /** How often a trail with log file validation delivers a digest. An hour if left out. */
  readonly digestIntervalMs?: number;
}

export type CloudTrailContext = Context<CloudTrailPorts>;
export type CloudTrailEnvironment = ServiceEnvironment<CloudTrailPorts>;

const MINUTE_MS = 60_000;

export const retentionMs = (ports: CloudTrailPorts): number => ports.retentionMs ?? 90 * 24 * 60 * MINUTE_MS;
export const deliveryIntervalMs = (ports: CloudTrailPorts): number => ports.deliveryIntervalMs ?? 5 * MINUTE_MS;
export const digestIntervalMs = (ports: CloudTrailPorts): number => ports.digestIntervalMs ?? 60 * MINUTE_MS;

export const operation = operationsOf<'cloudtrail', CloudTrailPorts>();
