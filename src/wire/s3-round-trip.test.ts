import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { Contracts, type OperationContract } from './contracts.ts';
import { decodeInput } from './decode.ts';
import { encodeOutput } from './encode.ts';
import { identify } from './router.ts';
import type { StructureShape } from './schema.ts';
import { openSdkClient, plain, sampleStructure } from './testing.ts';
import { validate } from './validate.ts';

/** S3's operations with the SDK's serializers: as round-trip.test.ts, but S3's client adds and takes more. */
const contracts = new Contracts();

/** Other services (S3 Express, Object Lambda), and what streams events. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'CreateSession',
  'ListDirectoryBuckets',
  'SelectObjectContent',
  'WriteGetObjectResponse',
]);

for (const endpoint of ['http://127.0.0.1:4566', 'http://localhost:4566']) {
  test(`every operation's input and output, at ${endpoint}`, async () => {
    const contract = await contracts.get('s3');
    const heard: { operation: string; input: unknown }[] = [];
    const client = await openSdkClient(
      's3',
      async (request) => {
        const identified = await identify(request, contracts);
        const input = decodeInput(identified, request);
        validate(identified, input);
        heard.push({ operation: identified.operation.name, input: plain(input) });
        return encodeOutput(identified, outputOf(identified.operation), 'request-1');
      },
      { endpoint, requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' },
    );
    for (const operation of contract.operations.values()) {
      if (LEFT_OUT.has(operation.name)) continue;
      const input = operation.input ? sampleOf(operation.input) : {};
      const output = await client.send(operation.name, input);
      const { operation: name, input: decoded } = heard.pop() ?? {};
      assert.equal(name, operation.name);
      assert.deepEqual(withoutAdded(decoded), withoutAdded(plain(input)), operation.name);
      assert.deepEqual(plain(await collected(output)), plain(outputOf(operation)), operation.name);
    }
  });
}

/** Members that the SDK computes itself, or that say something of the body that the sample does not keep to. */
const COMPUTED = /^(Checksum\w+|ContentMD5|ContentLength|(CopySource)?SSECustomerKey(MD5)?|Expires(String)?)$/;

function sampleOf(shape: StructureShape): Record<string, unknown> {
  const sample = sampleStructure(shape);
  for (const name of Object.keys(sample)) if (COMPUTED.test(name)) delete sample[name];
  if ('Bucket' in sample) sample['Bucket'] = 'sample-bucket';
  if ('Key' in sample) sample['Key'] = '/a//b c+é=%2F*(x)/';
  if ('Metadata' in sample) sample['Metadata'] = { colour: 'blue', 'x-y': 'a b' };
  for (const [name, value] of Object.entries(sample)) {
    // A date in a header has whole seconds.
    if (value instanceof Date) sample[name] = new Date(Math.floor(value.getTime() / 1000) * 1000);
  }
  return sample;
}

function outputOf({ output }: OperationContract): Record<string, unknown> {
  return output ? sampleOf(output) : {};
}

function withoutAdded(input: unknown): unknown {
  return Object.fromEntries(Object.entries(input as object).filter(([name]) => !COMPUTED.test(name)));
}

/** The SDK gives bodies as streams. */
async function collected(output: object): Promise<object> {
  const entries = await Promise.all(
    Object.entries(output).map(async ([name, value]) =>
      value instanceof Readable ? [name, Buffer.concat(await value.toArray())] : [name, value],
    ),
  );
  return Object.fromEntries(entries);
}
