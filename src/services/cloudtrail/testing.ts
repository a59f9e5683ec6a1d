import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { AuditRecord } from '../../api/audit.ts';
import type { Input } from '../../api/clients.ts';
import type { CallAs } from '../../api/service.ts';
import { openTestService, TEST_SCOPE, type FakeCalls, type TestService } from '../../api/testing.ts';
import type { Call } from '../../api/context.ts';
import type { Scope } from '../../kernel/arn.ts';
import { ServiceError } from '../../kernel/errors.ts';
import { seededIds } from '../../kernel/ids.ts';
import { silentLog } from '../../kernel/log.ts';
import { SealedBox } from '../../kernel/sealed-box.ts';
import { SqliteStore } from '../../store/sqlite/sqlite-store.ts';
import { cloudtrail, openAuditJournal, type AuditJournal } from './index.ts';

export const DIGEST_INTERVAL_MS = 3_600_000;
export const DELIVERY_INTERVAL_MS = 300_000;

const MOST_KEY_BYTES = 1024;
const MOST_STREAM_CHARS = 512;

/** A bucket and a log group that remember what they were given, and refuse when they are told to. */
export class FakeDestinations {
  readonly objects = new Map<string, Input<'s3', 'PutObject'>>();
  readonly puts: string[] = [];
  readonly messages: { stream: string; message: string }[] = [];
  readonly streams = new Set<string>();
  /** Thrown by every call while it is set. */
  refusal: Error | undefined;
  /** Thrown once an object is there: a crash before anybody heard of it. */
  crash: Error | undefined;
  readonly identities: CallAs[] = [];

  readonly calls: FakeCalls = {
    's3:ListBuckets': () => ({ Buckets: [{ Name: 'audit-bucket' }] }),
    's3:PutObject': (input: Input<'s3', 'PutObject'>) => {
      if (this.refusal) throw this.refusal;
      if (input.Bucket !== 'audit-bucket')
        throw new ServiceError('NoSuchBucket', 'The specified bucket does not exist');
      if (String(input.Key).length > MOST_KEY_BYTES) throw new ServiceError('KeyTooLongError', 'Your key is too long');
      this.puts.push(String(input.Key));
      this.objects.set(String(input.Key), input);
      if (this.crash) throw this.crash;
      return {};
    },
    'logs:CreateLogStream': ({ logStreamName }: Input<'logs', 'CreateLogStream'>) => {
      if (this.refusal) throw this.refusal;
      if (String(logStreamName).length > MOST_STREAM_CHARS)
        throw new ServiceError('InvalidParameterException', 'The name of the stream is too long');
      if (this.streams.has(String(logStreamName)))
        throw new ServiceError('ResourceAlreadyExistsException', 'It exists');
      this.streams.add(String(logStreamName));
      return {};
    },
    'logs:PutLogEvents': ({ logStreamName, logEvents }: Input<'logs', 'PutLogEvents'>) => {
      if (this.refusal) throw this.refusal;
      const stream = String(logStreamName);
      if (!this.streams.has(stream)) throw new ServiceError('ResourceNotFoundException', 'No such stream.');
      for (const { message = '' } of logEvents ?? []) this.messages.push({ stream, message });
      return {};
    },
  };

  keys(part: string): string[] {
    return [...this.objects.keys()].filter((key) => key.includes(part) && key.endsWith('.json.gz')).toSorted();
  }

  content(key: string): Buffer {
    return gunzipSync(this.objects.get(key)?.Body as Buffer);
  }

  json(key: string): any {
    return JSON.parse(this.content(key).toString());
  }
}

export interface TestTrail extends TestService<'cloudtrail'> {
  readonly journal: AuditJournal;
  readonly events: SqliteStore;
  readonly destinations: FakeDestinations;
  /** Records a call and waits until it is in rows. */
  record(change?: Partial<AuditRecord>): Promise<void>;
  /** Moves time on and lets the reconcilers work. */
  pass(ms: number): Promise<void>;
}

export async function openTestTrail(ports: { readonly retentionMs?: number } = {}): Promise<TestTrail> {
  const folder = mkdtempSync(join(tmpdir(), 'longshore-trail-'));
  const events = new SqliteStore(':memory:');
  const destinations = new FakeDestinations();
  const ids = seededIds(7);
  const box = new SealedBox(Buffer.alloc(32, 1), 'cloudtrail-digests', ids);
  const callIn = (scope: Scope, as: CallAs): Call => {
    destinations.identities.push(as);
    return async (service, operation, input) =>
      destinations.calls[`${service}:${operation}`]?.(input, scope) as Promise<never>;
  };
  const test = openTestService(
    'cloudtrail',
    cloudtrail,
    { ...ports, events, box, callIn, deliveryIntervalMs: DELIVERY_INTERVAL_MS, digestIntervalMs: DIGEST_INTERVAL_MS },
    { calls: destinations.calls },
  );
  const journal = await openAuditJournal({ folder, store: events, clock: test.clock, ids, log: silentLog });
  return {
    ...test,
    journal,
    events,
    destinations,
    async record(change) {
      journal.record(auditRecord(change));
      await journal.flush();
    },
    async pass(ms) {
      test.clock.advance(ms);
      await test.reconcile();
    },
    async close() {
      await test.close();
      await journal.close();
      await events.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function auditRecord(change: Partial<AuditRecord> = {}): AuditRecord {
  return {
    requestId: 'request-1',
    service: 'ecs',
    operation: 'CreateCluster',
    readOnly: false,
    principal: ANNA,
    accessKeyId: 'AKIAANNA',
    ...TEST_SCOPE,
    at: 0,
    sourceIp: '192.0.2.7',
    userAgent: 'aws-cli/2.9',
    input: { clusterName: 'web' },
    resources: ['arn:aws:ecs:us-east-1:123456789012:cluster/web'],
    ...change,
  };
}

export const ANNA = {
  kind: 'user',
  account: '123456789012',
  arn: 'arn:aws:iam::123456789012:user/staff/anna',
  userId: 'AIDAANNA',
  userName: 'anna',
  accessKeyId: 'AKIAANNA',
} as const;
