import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { FakeClock } from '../kernel/clock.ts';
import { RuntimeError } from '../kernel/errors.ts';
import type { ObjectStore, StoredBytes } from './object-store.ts';

interface Opened {
  readonly objects: ObjectStore;
  close(): Promise<void>;
}

/** What every object store does, the fake one too. */
export function objectStoreSuite(name: string, open: (clock: FakeClock) => Promise<Opened>): void {
  const suiteTest = (what: string, run: (objects: ObjectStore, clock: FakeClock) => Promise<void>) =>
    test(`${name}: ${what}`, async () => {
      const clock = new FakeClock();
      const opened = await open(clock);
      try {
        await run(opened.objects, clock);
      } finally {
        await opened.close();
      }
    });

  suiteTest('what was written is read again, whole and in ranges', async (objects) => {
    const { id, sizeBytes, md5 } = await objects.write(parts('hello, ', '', 'world'));
    assert.match(id, /^[0-9a-f]{32}$/);
    assert.equal(sizeBytes, 12);
    assert.equal(md5, createHash('md5').update('hello, world').digest('hex'));
    assert.equal(await text(objects, id), 'hello, world');
    assert.equal(await text(objects, id, { start: 0, end: 0 }), 'h');
    assert.equal(await text(objects, id, { start: 7, end: 99 }), 'world');
  });

  suiteTest('nothing is something too', async (objects) => {
    const { id, sizeBytes, md5 } = await objects.write([]);
    assert.equal(sizeBytes, 0);
    assert.equal(md5, 'd41d8cd98f00b204e9800998ecf8427e');
    assert.equal(await text(objects, id), '');
  });

  suiteTest('the same bytes twice have two names', async (objects) => {
    const first = await objects.write(parts('a'));
    const second = await objects.write(parts('a'));
    assert.notEqual(first.id, second.id);
    await objects.delete(first.id);
    assert.equal(await text(objects, second.id), 'a');
  });

  suiteTest('a source that fails leaves nothing', async (objects) => {
    async function* failing() {
      yield Buffer.from('a');
      throw new Error('the client went away');
    }
    await assert.rejects(objects.write(failing()), /the client went away/);
    assert.deepEqual(await list(objects), []);
  });

  suiteTest('deleted bytes are gone; a read that runs goes on', async (objects) => {
    const { id } = await objects.write(parts('a'.repeat(300_000)));
    const running = await objects.read(id);
    await objects.delete(id);
    await objects.delete(id);
    assert.equal((await buffer(running)).length, 300_000);
    assert.equal(await objects.stat(id), undefined);
    await assert.rejects(objects.read(id), (error) => error instanceof RuntimeError && error.kind === 'gone');
  });

  suiteTest('all there is, with the time of the clock', async (objects, clock) => {
    const first = await objects.write(parts('a'));
    clock.advance(5000);
    const second = await objects.write(parts('bc'));
    const expected = [
      { id: first.id, sizeBytes: 1, writtenAtMs: clock.now() - 5000 },
      { id: second.id, sizeBytes: 2, writtenAtMs: clock.now() },
    ];
    assert.deepEqual(new Set(await list(objects)), new Set(expected));
    assert.deepEqual(await objects.stat(second.id), expected[1]);
  });
}

function parts(...texts: readonly string[]): Iterable<Uint8Array> {
  return texts.map((each) => Buffer.from(each));
}

async function text(objects: ObjectStore, id: string, range?: { start: number; end: number }): Promise<string> {
  return (await buffer(await objects.read(id, range))).toString();
}

async function list(objects: ObjectStore): Promise<StoredBytes[]> {
  const found: StoredBytes[] = [];
  for await (const each of objects.all()) found.push(each);
  return found;
}
