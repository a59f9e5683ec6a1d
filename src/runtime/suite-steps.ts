import assert from 'node:assert/strict';
import { RuntimeError } from '../kernel/errors.ts';
import type { ContainerRuntime, ContainerSpec, ContainerState } from './runtime.ts';

/** What the suite needs of an implementation. */
export interface RuntimeHarness {
  readonly runtime: ContainerRuntime;
  /** On the host, made from nothing but the programs below. */
  readonly image: string;
  /** A reference that its registry does not know. */
  readonly missingImage: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Commands of the image. */
  readonly programs: {
    /** Prints a line once it heeds SIGTERM, and runs until that; then exits with 7. */
    service(): string[];
    /** Ignores SIGTERM. */
    deaf(): string[];
    /** Prints the lines to stdout and `errors` to stderr, then exits. */
    print(lines: readonly string[], exitCode: number, errors?: readonly string[]): string[];
    /** Cannot be started. */
    broken(): string[];
  };
  /** Programs that `exec` can start. */
  readonly execs: {
    /** Prints $GREETING to stdout and `trouble` to stderr, and exits with 5. */
    greet(): string[];
    /** Copies its input to its output until there is no more. */
    copy(): string[];
    /** Prints `ready`, and for each line of input the size of its terminal, as `ROWS COLUMNS`. */
    size(): string[];
  };
  readonly healthCheck: (verdict: 'healthy' | 'unhealthy') => ContainerSpec['healthCheck'];
  /** Lets a little time pass. */
  pass(): Promise<void>;
}

export function create(
  { runtime, image, labels }: RuntimeHarness,
  name: string,
  command: readonly string[],
  options: Partial<ContainerSpec> = {},
): Promise<string> {
  const full = `${labels['longshore.instance'] ?? 'suite'}-${name}`;
  return runtime.create({ image, labels, network: 'none', command, ...options, name: full });
}

export async function inspect(runtime: ContainerRuntime, id: string): Promise<ContainerState> {
  const state = await runtime.inspect(id);
  assert.ok(state, `container ${id} is gone`);
  return state;
}

export async function until(harness: RuntimeHarness, check: () => Promise<boolean>): Promise<void> {
  for (let round = 0; round < 1000; round++) {
    if (await check()) return;
    await harness.pass();
  }
  assert.fail('it never came to be');
}

/** Waits for its first line. */
export async function begun(runtime: ContainerRuntime, id: string): Promise<void> {
  const { signal } = new AbortController();
  for await (const _line of runtime.logs(id, { signal })) return;
}

export async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const seen: T[] = [];
  for await (const value of values) seen.push(value);
  return seen;
}

export async function rejects(promise: Promise<unknown>, kind: RuntimeError['kind'], message: RegExp): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof RuntimeError, String(error));
    assert.equal(error.kind, kind, error.message);
    assert.match(error.message, message);
    return true;
  });
}

export async function removeAll({ runtime, labels }: RuntimeHarness): Promise<void> {
  for (const { id } of await runtime.list(labels)) await runtime.remove(id);
}
