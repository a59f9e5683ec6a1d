import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../kernel/errors.ts';
import { Contracts, definitions, type OperationContract, type WireService } from './contracts.ts';
import { decodeInput } from './decode.ts';
import { encodeOutput } from './encode.ts';
import { encodeError } from './errors.ts';
import { identify } from './router.ts';
import { openSdkClient, plain, sampleStructure } from './testing.ts';
import { validate } from './validate.ts';

/**
 * The SDK's own serializers against ours, for every operation and every error of every service. The two share the
 * schema but no code; the AWS CLI's requests stand in botocore.test.ts.
 */
const contracts = new Contracts();

for (const [service] of definitions()) {
  // S3's client adds and takes more: s3-round-trip.test.ts.
  if (service !== 's3') testOperations(service);

  test(`${service}: every error`, async () => {
    const contract = await contracts.get(service);
    const operation = [...contract.operations.values()].find((each) => !isStream(each));
    assert.ok(operation);
    let thrown = new ServiceError('', '');
    const client = await openSdkClient(service, async (request) =>
      encodeError(await identify(request, contracts), thrown, 'request-1'),
    );
    const input = operation.input ? sampleStructure(operation.input) : {};
    for (const [name, error] of contract.errors) {
      const members = sampleStructure(error.shape);
      thrown = new ServiceError(name, 'No <such> thing', { members });
      await assert.rejects(client.send(operation.name, input), (caught: Error & Record<string, unknown>) => {
        // Told by the code of older clients, the SDK takes an error for the one that is named like that code.
        const code = contract.alsoSpeaks === 'awsQuery' ? error.query?.code : undefined;
        assert.equal(caught.name, code !== undefined && contract.errors.has(code) ? code : name);
        assert.equal(caught.message, 'No <such> thing');
        assert.equal(caught['$fault'], error.fault);
        assert.partialDeepStrictEqual(caught['$metadata'], { requestId: 'request-1' });
        for (const [member, value] of Object.entries(members)) {
          if (member.toLowerCase() !== 'message') assert.deepEqual(caught[member], value, `${name}.${member}`);
        }
        return true;
      });
    }
  });
}

function testOperations(service: WireService): void {
  test(`${service}: every operation's input and output`, async () => {
    const contract = await contracts.get(service);
    const heard: { operation: string; input: unknown }[] = [];
    const client = await openSdkClient(service, async (request) => {
      const identified = await identify(request, contracts);
      const input = decodeInput(identified, request);
      validate(identified, input);
      heard.push({ operation: identified.operation.name, input: plain(input) });
      return encodeOutput(identified, sampleOutput(identified.operation), 'request-1');
    });
    for (const operation of contract.operations.values()) {
      if (isStream(operation)) continue;
      const input = operation.input ? sampleStructure(operation.input) : {};
      const output = await client.send(operation.name, input);
      assert.deepEqual(heard.pop(), { operation: operation.name, input: expectedInput(operation.name, input) });
      assert.deepEqual(plain(output), plain(sampleOutput(operation)), operation.name);
    }
  });
}

function sampleOutput(operation: OperationContract): object {
  return operation.output ? sampleStructure(operation.output) : {};
}

/** Event streams are not built. */
function isStream(operation: OperationContract): boolean {
  return operation.name === 'StartLiveTail' || operation.name === 'GetLogObject';
}

/** What the SDK itself adds to or takes from an input. */
function expectedInput(operation: string, input: object): unknown {
  const { PresignedUrl, DestinationRegion } = input as Record<string, unknown>;
  if (operation === 'CopySnapshot') return { ...(plain(input) as object), PresignedUrl, DestinationRegion };
  return plain(input);
}
