import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

const ROOT = join(import.meta.dirname, '..');

/**
 * The kinds of test, from the quickest:
 *   unit      pure code and fakes; several files at once
 *   host      one part on the real kernel, engine or HAProxy
 *   clients   real clients against a real server; what they do to a machine is little, so several files at once
 *   tasks     what tasks are and do, each file on a server of its own; several files at once
 *   blackbox  services and load balancers under load, crashes, whole machines: one file after another
 */
const KINDS = {
  unit: { patterns: ['src/**/*.test.ts', 'scripts/**/*.test.ts'], concurrency: 4, timeoutMs: 120_000 },
  host: { patterns: ['src/**/*.host.test.ts'], concurrency: 2, timeoutMs: 180_000 },
  clients: {
    patterns: ['test/clients/*.test.ts'],
    concurrency: Math.min(3, availableParallelism()),
    timeoutMs: 480_000,
  },
  tasks: { patterns: ['test/tasks/*.test.ts'], concurrency: Math.min(3, availableParallelism()), timeoutMs: 480_000 },
  blackbox: { patterns: ['test/*.test.ts'], concurrency: 1, timeoutMs: 480_000 },
} as const;

type Kind = keyof typeof KINDS;

function filesOf(kind: Kind): string[] {
  const files = globSync([...KINDS[kind].patterns], { cwd: ROOT });
  return files
    .filter((file) => kind !== 'unit' || !file.endsWith('.host.test.ts'))
    .toSorted()
    .map((file) => join(ROOT, file));
}

async function runKind(kind: Kind): Promise<{ passed: number; failed: number }> {
  const { concurrency, timeoutMs } = KINDS[kind];
  const counts = { passed: 0, failed: 0 };
  const stream = run({ files: filesOf(kind), concurrency, timeout: timeoutMs, cwd: ROOT });
  stream.on('test:summary', (summary) => {
    if (summary.file !== undefined) return;
    counts.passed = summary.counts.passed;
    counts.failed = summary.counts.tests - summary.counts.passed - summary.counts.skipped - summary.counts.todo;
  });
  const reporter = stream.compose(spec);
  reporter.pipe(process.stdout, { end: false });
  await new Promise((resolve) => reporter.once('end', resolve));
  return counts;
}

const wanted = process.argv.slice(2);
const kinds = (wanted.length === 0 || wanted.includes('all') ? Object.keys(KINDS) : wanted) as Kind[];
let passed = 0;
let failed = 0;
for (const kind of kinds) {
  if (!(kind in KINDS)) throw new Error(`There is no kind of test '${kind}': ${Object.keys(KINDS).join(', ')}.`);
  process.stdout.write(`\n# ${kind}\n`);
  const counts = await runKind(kind);
  passed += counts.passed;
  failed += counts.failed;
}
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
