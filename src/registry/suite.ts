import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buffer } from 'node:stream/consumers';
import { RuntimeError } from '../kernel/errors.ts';
import { DigestMismatch } from './blob-store.ts';
import type { BlobStore, ByteRange } from './blob-store.ts';
import { digestOf } from './digest.ts';

const ID = '1c9e6679-7425-40de-944b-e07fc1f90ae7';
const OTHER_ID = '2d9e6679-7425-40de-944b-e07fc1f90ae7';

/** What a test of a BlobStore is given. `reopen` starts it again over the same medium, where that outlives it. */
export interface OpenedBlobs {
  readonly blobs: BlobStore;
  readonly reopen?: () => Promise<BlobStore>;
  readonly close: () => Promise<void>;
}

/** What every BlobStore must do. */
export function blobStoreSuite(name: string, open: () => Promise<OpenedBlobs>): void {
  const it = (title: string, run: (blobs: BlobStore, opened: OpenedBlobs) => Promise<void>) =>
    test(`${name}: ${title}`, async () => {
      const opened = await open();
      try {
        await run(opened.blobs, opened);
      } finally {
        await opened.close();
      }
    });

  for (const algorithm of ['sha256', 'sha512'] as const) {
    it(`takes a blob in by parts and gives it back (${algorithm})`, async (blobs) => {
      const digest = digestOf('hello world', algorithm);
      assert.equal(await blobs.append(ID, 0, parts('hello')), 5);
      assert.equal(await blobs.append(ID, 5, parts(' wo', 'rld')), 11);
      assert.equal((await blobs.commit(ID, digest)).sizeBytes, 11);
      assert.equal(await text(blobs, digest), 'hello world');
      assert.deepEqual(await collected(blobs.blobs()), [await blobs.stat(digest)]);
    });
  }

  it('reads a range, both ends inside', async (blobs) => {
    const digest = await store(blobs, 'hello world');
    assert.equal((await buffer(await blobs.read(digest, { start: 4, end: 6 }))).toString(), 'o w');
    assert.equal(await sent(blobs, digest, { start: 4, end: 6 }), 'o w');
  });

  it('keeps the empty blob', async (blobs) => {
    const digest = digestOf('');
    await blobs.commit(ID, digest);
    assert.equal(await text(blobs, digest), '');
    assert.equal((await blobs.stat(digest))?.sizeBytes, 0);
    assert.equal((await buffer(await blobs.read(digest, { start: 0, end: -1 }))).length, 0);
    assert.equal(await sent(blobs, digest, { start: 0, end: -1 }), '');
  });

  it('shows nothing before the commit, and no upload after it', async (blobs) => {
    await blobs.append(ID, 0, parts('hello'));
    assert.equal(await blobs.stat(digestOf('hello')), undefined);
    assert.equal(await blobs.uploadSize(ID), 5);
    await blobs.commit(ID, digestOf('hello'));
    assert.equal(await blobs.uploadSize(ID), 0);
    assert.deepEqual(await collected(blobs.uploads()), []);
  });

  it('refuses bytes of another digest, and keeps them', async (blobs) => {
    await blobs.append(ID, 0, parts('hello'));
    await assert.rejects(blobs.commit(ID, digestOf('hullo')), (error: unknown) => {
      assert.ok(error instanceof DigestMismatch);
      assert.equal(error.actual, digestOf('hello'));
      return true;
    });
    assert.equal(await blobs.stat(digestOf('hullo')), undefined);
    assert.equal((await blobs.commit(ID, digestOf('hello'))).sizeBytes, 5);
  });

  it('keeps what came before a source failed, and goes on from there', async (blobs) => {
    await assert.rejects(blobs.append(ID, 0, cutAfter('hel')), /cut/);
    assert.equal(await blobs.uploadSize(ID), 3);
    await blobs.append(ID, 3, parts('lo'));
    await blobs.commit(ID, digestOf('hello'));
    assert.equal(await text(blobs, digestOf('hello')), 'hello');
  });

  it('goes on with an upload after a restart', async (blobs, { reopen }) => {
    await blobs.append(ID, 0, parts('hel'));
    const again = (await reopen?.()) ?? blobs;
    assert.equal(await again.uploadSize(ID), 3);
    await again.append(ID, 3, parts('lo'));
    const last = (await reopen?.()) ?? again;
    await last.commit(ID, digestOf('hello'));
    assert.equal(await text(last, digestOf('hello')), 'hello');
  });

  it('takes the same blob twice, beside each other', async (blobs) => {
    await blobs.append(ID, 0, parts('hello'));
    await blobs.append(OTHER_ID, 0, parts('hello'));
    await Promise.all([blobs.commit(ID, digestOf('hello')), blobs.commit(OTHER_ID, digestOf('hello'))]);
    assert.equal(await text(blobs, digestOf('hello')), 'hello');
    assert.equal((await collected(blobs.blobs())).length, 1);
  });

  it('forgets what is deleted and discarded, and says so of what is not there', async (blobs) => {
    const digest = await store(blobs, 'hello');
    await blobs.delete(digest);
    await blobs.delete(digest);
    assert.equal(await blobs.stat(digest), undefined);
    const isGone = (error: unknown) => error instanceof RuntimeError && error.kind === 'gone';
    await assert.rejects(blobs.read(digest), isGone);
    await assert.rejects(sent(blobs, digest, { start: 0, end: 4 }), isGone);
    await blobs.append(ID, 0, parts('hello'));
    await blobs.discard(ID);
    await blobs.discard(ID);
    assert.equal(await blobs.uploadSize(ID), 0);
    assert.equal(await blobs.append(ID, 0, parts('new')), 3);
    await blobs.commit(ID, digestOf('new'));
  });

  it('sets a blob aside, and takes it in anew', async (blobs) => {
    const digest = await store(blobs, 'hello');
    await blobs.quarantine(digest);
    await blobs.quarantine(digest);
    assert.equal(await blobs.stat(digest), undefined);
    assert.deepEqual(await collected(blobs.blobs()), []);
    await store(blobs, 'hello');
    assert.equal(await text(blobs, digest), 'hello');
  });

  it('tells of uploads on their way', async (blobs) => {
    await blobs.append(ID, 0, parts('hello'));
    const [upload] = await collected(blobs.uploads());
    assert.deepEqual([upload?.id, upload?.sizeBytes], [ID, 5]);
  });

  it('finishes a read that a delete overtakes', async (blobs) => {
    const digest = await store(blobs, 'hello');
    const reading = await blobs.read(digest);
    await blobs.delete(digest);
    assert.equal((await buffer(reading)).toString(), 'hello');
  });
}

/** Chunks as a request's body gives them. */
export async function* parts(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const part of texts) yield Buffer.from(part);
}

/** A body whose connection breaks. */
export async function* cutAfter(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
  throw new Error('cut');
}

async function store(blobs: BlobStore, content: string): Promise<string> {
  await blobs.append(ID, 0, parts(content));
  return (await blobs.commit(ID, digestOf(content))).digest;
}

async function text(blobs: BlobStore, digest: string): Promise<string> {
  return (await buffer(await blobs.read(digest))).toString();
}

/** By `send`; a piece is no longer what it was, once it was taken. */
async function sent(blobs: BlobStore, digest: string, range: ByteRange): Promise<string> {
  const taken: Buffer[] = [];
  await blobs.send(digest, range, async (piece) => {
    await Promise.resolve();
    taken.push(Buffer.from(piece));
  });
  return Buffer.concat(taken).toString();
}

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
