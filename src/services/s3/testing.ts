import assert from 'node:assert/strict';
import { openTestService, type TestService } from '../../api/testing.ts';
import { ServiceError } from '../../kernel/errors.ts';
import { seededIds } from '../../kernel/ids.ts';
import { MemoryObjects } from '../../objects/memory-objects/memory-objects.ts';
import { s3 } from './index.ts';

type Opened = TestService<'s3'>;

export interface TestS3 {
  readonly call: Opened['call'];
  readonly reconcile: Opened['reconcile'];
  readonly store: Opened['store'];
  readonly clock: Opened['clock'];
  readonly objects: MemoryObjects;
  /** An object's bytes as text. */
  readonly text: (key: string, members?: object) => Promise<string>;
  /** How many bytes are kept, of whatever. */
  readonly keptBytes: () => Promise<number>;
}

/** Runs a test over S3 with a store and bytes in memory, and with the bucket `bucket`. */
export async function withS3(run: (service: TestS3) => Promise<void>): Promise<void> {
  // The service's clock and that of the bytes must be one.
  const objects = new MemoryObjects({ now: () => service.clock.now(), after: () => () => {} }, seededIds(7));
  const service = openTestService('s3', s3, { objects });
  try {
    await service.call('CreateBucket', { Bucket: 'bucket' });
    await run({
      call: (...call) => service.call(...call),
      reconcile: () => service.reconcile(),
      store: service.store,
      clock: service.clock,
      objects,
      async text(key, members = {}) {
        const { Body } = await service.call('GetObject', { Bucket: 'bucket', Key: key, ...members });
        return (await Body?.transformToString()) ?? '';
      },
      async keptBytes() {
        let kept = 0;
        for await (const { sizeBytes } of objects.all()) kept += sizeBytes;
        return kept;
      },
    });
  } finally {
    await service.close();
  }
}

/** A refusal as `status code: message`. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    assert.ok(error instanceof ServiceError, String(error));
    return `${error.httpStatus} ${error.code}: ${error.message}`;
  }
  return 'accepted';
}
