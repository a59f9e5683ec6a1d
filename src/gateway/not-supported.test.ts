import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Contracts, definitions } from '../wire/contracts.ts';
import type { OperationContract, ServiceContract, WireService } from '../wire/contracts.ts';
import { sampleStructure } from '../wire/testing.ts';
import type { SdkClient } from '../wire/testing.ts';
import { openTestGateway, refusal } from './testing.ts';

/** The least input that the SDK sends: what goes into the path must be there. */
function inputFor({ service, protocol }: ServiceContract, operation: OperationContract): object {
  if (protocol !== 'restXml' || !operation.input) return {};
  const sample = sampleStructure(operation.input);
  return service === 's3' ? (plainWords(sample, '') as object) : sample;
}

/** The SDK puts S3's members into host names and headers, and computes the checksums that they name. */
function plainWords(value: unknown, name: string): unknown {
  if (typeof value === 'string') return name === 'ChecksumAlgorithm' ? 'CRC32' : 'x';
  if (Array.isArray(value)) return value.map((each) => plainWords(each, name));
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key.replaceAll(' ', '-'), plainWords(each, key)]),
  );
}

/** The SDK signs them for S3 Express and S3 Object Lambda, which are other services. */
const ELSEWHERE: ReadonlySet<string> = new Set(['s3:ListDirectoryBuckets', 's3:WriteGetObjectResponse']);

async function askAll(client: SdkClient, service: WireService, contract: ServiceContract): Promise<string[]> {
  const wrong: string[] = [];
  for (const [name, operation] of contract.operations) {
    if (ELSEWHERE.has(`${service}:${name}`)) continue;
    const answer = await refusal(client.send(name, inputFor(contract, operation)));
    const expected = `501 NotSupported: Longshore does not support ${service}:${name} yet.`;
    if (answer !== expected) wrong.push(`${service}:${name} answered ${answer}`);
  }
  return wrong;
}

test('every operation of every service that is not built says so, and names itself', async () => {
  const gateway = openTestGateway({}, []);
  const contracts = new Contracts();
  let count = 0;
  for (const [service] of definitions()) {
    const contract = await contracts.get(service);
    count += contract.operations.size;
    assert.deepEqual(await askAll(await gateway.client(service), service, contract), []);
  }
  assert.ok(count > 1000, `${count} operations`);
  await gateway.close();
});
