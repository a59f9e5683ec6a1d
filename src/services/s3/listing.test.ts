import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { listKeys, type Listing } from './domain/listing.ts';
import { refusal, withS3, type TestS3 } from './testing.ts';

const Bucket = 'bucket';

function withKeys(keys: readonly string[], run: (call: TestS3['call']) => Promise<void>): Promise<void> {
  return withS3(async ({ call }) => {
    for (const Key of keys) await call('PutObject', { Bucket, Key, Body: 'x' });
    await run(call);
  });
}

test('keys in the order of their bytes, by prefix, delimiter and start', () =>
  withKeys(['b', 'a/2', 'a/1', 'a', 'ä', 'a/x/y', 'B', '\u{1f600}', '\uffee'], async (call) => {
    const list = async (members: object) => {
      const { Contents = [], CommonPrefixes = [] } = await call('ListObjectsV2', { Bucket, ...members });
      return [...Contents.map(({ Key }) => Key), ...CommonPrefixes.map(({ Prefix }) => `${Prefix}:`)];
    };
    assert.deepEqual(await list({}), ['B', 'a', 'a/1', 'a/2', 'a/x/y', 'b', 'ä', '\uffee', '\u{1f600}']);
    assert.deepEqual(await list({ Prefix: 'a' }), ['a', 'a/1', 'a/2', 'a/x/y']);
    assert.deepEqual(await list({ Delimiter: '/' }), ['B', 'a', 'b', 'ä', '\uffee', '\u{1f600}', 'a/:']);
    assert.deepEqual(await list({ Delimiter: '/', Prefix: 'a/' }), ['a/1', 'a/2', 'a/x/:']);
    assert.deepEqual(await list({ StartAfter: 'a/1', Prefix: 'a' }), ['a/2', 'a/x/y']);
    assert.deepEqual(await list({ MaxKeys: 0 }), []);
    assert.deepEqual(await list({ Prefix: 'none' }), []);
  }));

test('pages of both versions', () =>
  withKeys(['a/1', 'a/2', 'b', 'c/1', 'd'], async (call) => {
    const first = await call('ListObjectsV2', { Bucket, Delimiter: '/', MaxKeys: 1 });
    assert.partialDeepStrictEqual(first, {
      Name: Bucket,
      KeyCount: 1,
      MaxKeys: 1,
      IsTruncated: true,
      CommonPrefixes: [{ Prefix: 'a/' }],
      Contents: [],
    });
    const ContinuationToken = first.NextContinuationToken ?? '';
    const second = await call('ListObjectsV2', { Bucket, Delimiter: '/', MaxKeys: 3, ContinuationToken });
    assert.deepEqual(
      second.Contents?.map(({ Key }) => Key),
      ['b', 'd'],
    );
    assert.deepEqual([second.KeyCount, second.IsTruncated, second.NextContinuationToken], [3, false, undefined]);
    const old = await call('ListObjects', { Bucket, Delimiter: '/', MaxKeys: 1, Marker: '' });
    assert.equal(old.NextMarker, 'a/');
    const rest = await call('ListObjects', { Bucket, Delimiter: '/', Marker: 'a/' });
    assert.deepEqual(rest.CommonPrefixes, [{ Prefix: 'c/' }]);
    assert.ok(rest.Contents?.[0]?.Owner?.ID);
    const plain = await call('ListObjects', { Bucket, MaxKeys: 1 });
    assert.deepEqual([plain.IsTruncated, plain.NextMarker], [true, undefined]);
    assert.match(
      await refusal(call('ListObjectsV2', { Bucket, ContinuationToken: 'x' })),
      /^400 InvalidArgument: The cont/,
    );
    assert.match(
      await refusal(call('ListObjectsV2', { Bucket, MaxKeys: -1 })),
      /^400 InvalidArgument: Argument max-keys/,
    );
  }));

test('keys that XML cannot hold', () =>
  withKeys(['a b/\u0002+ü'], async (call) => {
    const { Contents, Prefix, EncodingType } = await call('ListObjectsV2', {
      Bucket,
      EncodingType: 'url',
      Prefix: 'a b',
    });
    assert.deepEqual([Contents?.[0]?.Key, Prefix, EncodingType], ['a%20b/%02%2B%C3%BC', 'a%20b', 'url']);
    assert.match(
      await refusal(call('ListObjectsV2', { Bucket, EncodingType: 'base64' as 'url' })),
      /^400 InvalidArgument: Invalid Encoding Method/,
    );
  }));

test('property: pages of any size put together are the whole', async () => {
  const key = fc.string({ unit: fc.constantFrom('a', 'b', '/', 'ä'), minLength: 1, maxLength: 5 });
  const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(key, { maxLength: 20 }),
      fc.constantFrom('', 'a', 'a/', '/'),
      fc.constantFrom('', '/', 'b'),
      fc.integer({ min: 1, max: 5 }),
      async (unsorted, prefix, delimiter, limit) => {
        const keys = unsorted.toSorted(byBytes);
        const fetch = async (after: string, most: number) =>
          keys.filter((each) => each.startsWith(prefix) && byBytes(each, after) > 0).slice(0, most);
        const found: string[] = [];
        for (let after: string | undefined = ''; after !== undefined;) {
          const page: Listing<string> = await listKeys({
            prefix,
            delimiter,
            after,
            limit,
            keyOf: (each: string) => each,
            fetch,
          });
          const entries = [...page.rows, ...page.prefixes].toSorted(byBytes);
          assert.ok(entries.length <= limit);
          found.push(...entries);
          assert.ok(page.last === undefined || page.last === entries.at(-1));
          after = page.last;
        }
        const gathered = keys
          .filter((each) => each.startsWith(prefix))
          .map((each) => {
            const end = delimiter === '' ? -1 : each.indexOf(delimiter, prefix.length);
            return end < 0 ? each : each.slice(0, end + delimiter.length);
          });
        assert.deepEqual(found, [...new Set(gathered)]);
      },
    ),
  );
});
