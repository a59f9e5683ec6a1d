import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Contracts, definitions, readPackage } from './contracts.ts';
import { textTrait } from './member-path.ts';
import { readError, readOperation, UnknownSchema, type Shape, type StructureShape } from './schema.ts';

/** The SDK's schema layout has changed before: everything that is exported must be known to schema.ts. */
const contracts = new Contracts();

for (const [service, definition] of definitions()) {
  test(`${service}: every schema of every operation and error is known`, async () => {
    const contract = await contracts.get(service);
    const seen = new Set<Shape>();
    for (const operation of contract.operations.values()) {
      if (operation.input) walk(operation.input, seen);
      if (operation.output) walk(operation.output, seen);
      if (definition.protocol === 'restXml') {
        assert.ok(operation.http, `${operation.name} has no http trait`);
        assertScalarBindings(operation.input);
      }
    }
    for (const error of contract.errors.values()) walk(error.shape, seen);
    assert.ok(contract.operations.size >= 10, 'the operations were found');
    assert.ok(contract.errors.size > 0 || service === 'ec2', 'the errors were found');
    assert.ok(seen.size > 20, 'the shapes were walked');
  });

  test(`${service}: the table says what the SDK's client says`, async () => {
    const sdk = (await definition.load()) as Record<string, unknown>;
    const name = Object.keys(sdk).find((key) => /^(?!__)\w+Client$/.test(key)) ?? '';
    const Client = sdk[name] as new (config: object) => { config: SdkConfig };
    const { config } = new Client({ region: 'eu-central-1' });
    assert.equal(config.apiVersion, definition.apiVersion);
    if (definition.targetPrefix !== undefined) {
      assert.equal(config.protocolSettings.serviceTarget, definition.targetPrefix);
    }
    const scheme = config.httpAuthSchemeProvider({ region: 'eu-central-1', Region: 'eu-central-1' })[0];
    assert.equal(scheme?.signingProperties.name, definition.signingName);
  });
}

interface SdkConfig {
  readonly apiVersion: string;
  readonly protocolSettings: { readonly serviceTarget: string };
  readonly httpAuthSchemeProvider: (parameters: {
    region: string;
    Region: string;
  }) => readonly { readonly signingProperties: { readonly name: string } }[];
}

function walk(shape: Shape, seen: Set<Shape>): void {
  if (seen.has(shape)) return;
  seen.add(shape);
  if (shape.kind === 'structure') for (const member of shape.members) walk(member.shape, seen);
  if (shape.kind === 'list') walk(shape.element.shape, seen);
  if (shape.kind === 'map') for (const target of [shape.key, shape.value]) walk(target.shape, seen);
}

function assertScalarBindings(input: StructureShape | undefined): void {
  for (const { name, shape, traits } of input?.members ?? []) {
    const inHeader = textTrait(traits, 'httpHeader') !== undefined;
    const isBound = traits['httpLabel'] === 1 || inHeader || textTrait(traits, 'httpQuery') !== undefined;
    // A header may hold a list of scalars.
    const bound = inHeader && shape.kind === 'list' ? shape.element.shape : shape;
    if (isBound) assert.ok(!['structure', 'list', 'map'].includes(bound.kind), `${name} is a ${bound.kind}`);
  }
}

function operationWith(memberRef: unknown): () => void {
  return () => {
    const input = [3, 'ns', 'XRequest', 0, ['member'], [memberRef], 1];
    const operation = readOperation([9, 'ns', 'X', 0, input, 'unit']);
    assert.ok(operation?.input);
    walk(operation.input, new Set());
  };
}

test('what is not known is refused, at any depth', () => {
  assert.doesNotThrow(operationWith([() => [1, 'ns', 'List', 0, [64 | 21, { xmlName: 'item' }]], 8]));
  assert.throws(operationWith([5, 'ns', 'Tuple', 0, 0]), new UnknownSchema('Tuple is of kind 5'));
  assert.throws(operationWith(17), new UnknownSchema('sentinel 17'));
  assert.throws(operationWith(64 | 17), new UnknownSchema(`sentinel ${64 | 17}`));
  assert.throws(operationWith(256), new UnknownSchema('sentinel 256'));
  assert.throws(operationWith('unit'), new UnknownSchema('a member without a type'));
  assert.throws(operationWith([0, { httpResponseCode: 1 }]), new UnknownSchema('trait httpResponseCode'));
  assert.throws(operationWith([0, 32]), new UnknownSchema('trait bits 32'));
  assert.throws(operationWith([() => [2, 'ns', 'Map', 0, 0, 99], 0]), new UnknownSchema('sentinel 99'));
  assert.throws(operationWith([3, 'ns', 'S', 0, ['a', 'b'], [0]]), UnknownSchema);
  assert.throws(() => readError([-3, 'ns', 'E', { retryable: 1 }, [], []]), new UnknownSchema('trait retryable'));
});

test('members: required ones come first, traits are the pointing member’s own', () => {
  const shape: unknown[] = [3, 'ns', 'Node', 0, ['name', 'next'], [0, [() => shape, { xmlName: 'n' }]], 1];
  const { operations } = readPackage({ X$: [9, 'ns', 'X', 2, () => shape, 'unit'], other: 1 });
  const operation = operations.get('X');
  assert.equal(operation?.output, undefined);
  const [name, next] = operation?.input?.members ?? [];
  assert.deepEqual(name, { name: 'name', shape: { kind: 'string' }, traits: {}, required: true });
  assert.equal(next?.required, false);
  assert.deepEqual(next?.traits, { xmlName: 'n' });
  assert.equal(next?.shape, operation?.input, 'a schema that refers to itself is one shape');
});

test('a contract is loaded once', async () => {
  assert.equal(contracts.get('sts'), contracts.get('sts'));
  assert.equal(
    (await contracts.get('elbv2')).errors.get('TargetGroupNotFoundException')?.query?.code,
    'TargetGroupNotFound',
  );
});
