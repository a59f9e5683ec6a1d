import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readPackage } from '../../src/wire/contracts.ts';
import type { Shape } from '../../src/wire/schema.ts';
import { BUILT } from '../harness/built.ts';
import { Longshore } from '../harness/longshore.ts';
import { SERVICES } from '../harness/operations.ts';
import type { ServiceName } from '../harness/operations.ts';

/*
 * Whatever stands in a call that has the right types, the server answers or refuses it: it never breaks, and it never
 * says `undefined`. The values are drawn from one seed, so that a failure comes again.
 */

const ROUNDS = 12;
const SEED = 20_261_121;
const DEEPEST = 6;
const TEXTS = [
  '',
  'x',
  'a'.repeat(300),
  'default',
  'é<&>"',
  '%zz',
  '../../etc',
  '*',
  'null',
  '-1',
  '99999999999999999999',
  '10.0.0.0/8',
  '__proto__',
  'constructor',
  'arn:aws:::',
  'arn:aws:ecs:us-east-1:123456789012:cluster/default',
  'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/x/0123456789abcdef',
];
const NUMBERS = [0, -1, 1.5, 1, 80, 400, 65_536, 2 ** 31, 1e300];
const TIMES = [0, -1, 1e12, 8e15];

type Client = { send(command: object): Promise<object>; destroy(): void };
type Constructor<T> = new (argument: object) => T;

let server: Longshore;

before(async () => {
  server = await Longshore.start();
});

after(() => server?.remove());

/** Draws numbers below `n`: a linear congruential generator. */
function numbersFrom(seed: number): (n: number) => number {
  let state = seed;
  return (n) => (state = (state * 1_103_515_245 + 12_345) & 0x7fffffff) % n;
}

function absurd(shape: Shape, draw: (n: number) => number, depth = 0): unknown {
  const inner = (target: { readonly shape: Shape }) => absurd(target.shape, draw, depth + 1);
  switch (shape.kind) {
    case 'structure': {
      const one = shape.members[draw(shape.members.length || 1)];
      const members = shape.union && one ? [one] : shape.members;
      // Most required members are there, and a third of the others.
      const taken = members.filter(
        ({ name, required }) => name !== LENGTH && (required ? draw(20) > 0 : draw(3) === 0 && depth < DEEPEST),
      );
      return Object.fromEntries(taken.map((member) => [member.name, inner(member)]));
    }
    case 'list':
      return Array.from({ length: draw(4) }, () => inner(shape.element));
    case 'map':
      return { [TEXTS[draw(TEXTS.length)] || 'key']: inner(shape.value) };
    case 'number':
      return NUMBERS[draw(NUMBERS.length)];
    case 'boolean':
      return draw(2) === 0;
    case 'timestamp':
      return new Date(TIMES[draw(TIMES.length)] ?? 0);
    case 'blob':
      return new Uint8Array(draw(10));
    default:
      return TEXTS[draw(TEXTS.length)];
  }
}

/** Of a body that is longer than what is sent, every server waits for the rest. */
const LENGTH = 'ContentLength';

/** What the server answered that it must not; undefined is good. */
async function broken(sending: Promise<object>): Promise<string | undefined> {
  try {
    await sending;
  } catch (error) {
    const { name, message, $metadata } = error as Error & { readonly $metadata?: { readonly httpStatusCode?: number } };
    const status = $metadata?.httpStatusCode;
    // No status: the SDK itself would not send it.
    if (status === undefined) return undefined;
    // What is not built may be a parameter, too: it is named.
    if (status === 501) return undefined;
    if (status >= 500 || /undefined|NaN|\[object/.test(message)) return `${status} ${name}: ${message}`;
  }
  return undefined;
}

for (const service of Object.keys(SERVICES) as ServiceName[]) {
  test(`${service} stands absurd values`, async () => {
    const sdk = (await SERVICES[service].load()) as Record<string, unknown>;
    const { operations } = readPackage(sdk);
    const clientName = Object.keys(sdk).find((key) => /^[A-Z]\w+Client$/.test(key)) ?? '';
    const { endpoint } = server;
    const config = { endpoint, region: 'us-east-1', credentials: await server.credentials(), maxAttempts: 1 };
    const client = new (sdk[clientName] as Constructor<Client>)(config);
    const draw = numbersFrom(SEED);
    const found: string[] = [];
    for (const name of Object.keys(BUILT[service].operations)) {
      const shape = operations.get(name)?.input;
      for (let round = 0; round < ROUNDS; round++) {
        const input = shape ? (absurd(shape, draw) as object) : {};
        const command = new (sdk[`${name}Command`] as Constructor<object>)(input);
        const said = await broken(client.send(command));
        if (said !== undefined) found.push(`${name} ${JSON.stringify(input)}: ${said}`);
      }
    }
    client.destroy();
    assert.deepEqual(found, []);
  });
}

test('the server wrote no bug into its log, and still works', async () => {
  assert.doesNotMatch(server.log, / ERROR /);
  assert.equal((await server.health())?.['status'], 'ok');
});
