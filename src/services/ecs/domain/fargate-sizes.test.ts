import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { FARGATE_SIZES, fargateSize, taskCpu, taskMemory } from './fargate-sizes.ts';

const PAIRS = Object.entries(FARGATE_SIZES).flatMap(([cpu, sizes]) =>
  sizes.map((memory) => [Number(cpu), memory] as const),
);

test('the table is AWS’s: seven sizes of CPU, each with its range of memory', () => {
  const rows = Object.entries(FARGATE_SIZES).map(([cpu, sizes]) => [Number(cpu), sizes[0], sizes.at(-1), sizes.length]);
  assert.deepEqual(rows, [
    [256, 512, 2048, 3],
    [512, 1024, 4096, 4],
    [1024, 2048, 8192, 7],
    [2048, 4096, 16_384, 13],
    [4096, 8192, 30_720, 23],
    [8192, 16_384, 61_440, 12],
    [16_384, 32_768, 122_880, 12],
  ]);
});

test('each size of the table is taken however it is written', () => {
  const written = fc.constantFrom(
    (units: number, unit: string) => `${units / 1024} ${unit}`,
    (units: number, unit: string) => `${units / 1024}${unit.toUpperCase()}`,
    (units: number) => String(units),
  );
  fc.assert(
    fc.property(fc.constantFrom(...PAIRS), written, written, ([cpu, memory], writeCpu, writeMemory) => {
      const size = fargateSize(writeCpu(cpu, 'vCPU'), writeMemory(memory, 'GB'));
      assert.deepEqual(size, { cpu: String(cpu), memory: String(memory) });
    }),
  );
});

test('no other size is', () => {
  const isThere = (cpu: number, memory: number) => PAIRS.some((pair) => pair[0] === cpu && pair[1] === memory);
  const cpus = fc.oneof(fc.constantFrom(...PAIRS.map(([cpu]) => cpu)), fc.integer({ min: 1, max: 40_000 }));
  const memories = fc.oneof(
    fc.constantFrom(...PAIRS.map(([, memory]) => memory)),
    fc.integer({ min: 1, max: 200_000 }),
  );
  fc.assert(
    fc.property(cpus, memories, (cpu, memory) => {
      if (isThere(cpu, memory)) return;
      assert.throws(() => fargateSize(String(cpu), String(memory)), {
        code: 'ClientException',
        message: new RegExp(`^No Fargate configuration exists for given values: ${cpu} CPU, ${memory} memory\\.`),
      });
    }),
  );
});

test('text that is no size is refused', () => {
  for (const text of ['', 'x', '-256', '1 GB', '0', '1.2.3 vCPU']) {
    assert.throws(() => taskCpu(text), /^ServiceError: Invalid 'cpu' setting for task\.$/, text);
  }
  for (const text of ['', 'x', '-512', '1 vCPU', '0', '.GB']) {
    assert.throws(() => taskMemory(text), /^ServiceError: Invalid 'memory' setting for task\.$/, text);
  }
});
