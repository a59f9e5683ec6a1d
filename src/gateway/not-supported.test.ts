import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Contracts, definitions } from '../wire/contracts.ts';
import type { OperationContract, ServiceContract, WireService } from '../wire/contracts.ts';
import { sampleStructure } from '../wire/testing.ts';
import type { SdkClient } from '../wire/testing.ts';
import { openTestGateway, refusal } from './testing.ts';

/** The least input that the SDK sends: what goes into the path must be there. */
function inputFor({ protocol }: ServiceContract, operation: OperationContract): object {
  return protocol === 'restXml' && operation.input ? sampleStructure(operation.input) : {};
}

async function askAll(client: SdkClient, service: WireService, contract: ServiceContract): Promise<string[]> {
  const wrong: string[] = [];
  for (const [name, operation] of contract.operations) {
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
