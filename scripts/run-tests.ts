import { globSync } from 'node:fs';
import { availableParallelism, networkInterfaces } from 'node:os';
import { join, relative } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { startAwsForkServer } from './aws-fork-server.ts';

const ROOT = join(import.meta.dirname, '..');
// As for bin/longshore: each of the many processes would strip and compile the same files again.
process.env['NODE_COMPILE_CACHE'] ??= join(ROOT, 'node_modules/.cache/node');
const SLOWEST_SHOWN = 8;
/** They wait as much as they work: one more than there are cores. */
const SERVERS_AT_ONCE = Math.max(2, Math.min(5, availableParallelism() + 1));

/**
 * The kinds of test, from the quickest:
 *   unit      pure code and fakes; several files at once
 *   host      one part on the real kernel, engine or HAProxy
 *   clients   real clients against a real server; what they do to a machine is little, so several files at once
 *   tasks     what tasks are and do, each file on a server of its own; several files at once
 *   blackbox  services and load balancers under load, crashes, whole machines; several files at once
 *   servers   clients, tasks and blackbox in one pool, so that only one of the three has an end to wait for
 */
const KINDS = {
  unit: { patterns: ['src/**/*.test.ts', 'scripts/**/*.test.ts'], concurrency: 4, timeoutMs: 120_000 },
  host: { patterns: ['src/**/*.host.test.ts'], concurrency: 3, timeoutMs: 180_000 },
  clients: { patterns: ['test/clients/*.test.ts'], concurrency: SERVERS_AT_ONCE, timeoutMs: 480_000 },
  tasks: { patterns: ['test/tasks/*.test.ts'], concurrency: SERVERS_AT_ONCE, timeoutMs: 480_000 },
  blackbox: { patterns: ['test/*.test.ts'], concurrency: SERVERS_AT_ONCE, timeoutMs: 480_000 },
  servers: {
    patterns: ['test/*.test.ts', 'test/tasks/*.test.ts', 'test/clients/*.test.ts'],
    concurrency: SERVERS_AT_ONCE,
    timeoutMs: 480_000,
  },
} as const;
const ALL = ['unit', 'host', 'servers'] as const;

/** Files that take more than a minute come first, so that none of them is what the end waits for. */
const LONG =
  /capacity-provider|service-auto-scaling|registry-kill|demo|task-adoption|task-leaks|service-shifts|crash|power-cut|express|service-scheduler|absurd-values|ec2-cli|ec2-network-cli|autoscaling-cli/;

type Kind = keyof typeof KINDS;

function filesOf(kind: Kind): string[] {
  const files = globSync([...KINDS[kind].patterns], { cwd: ROOT });
  return files
    .filter((file) => kind !== 'unit' || !file.endsWith('.host.test.ts'))
    .toSorted((a, b) => Number(LONG.test(b)) - Number(LONG.test(a)) || (a < b ? -1 : 1))
    .map((file) => join(ROOT, file));
}

/** Which files took longest, by the sum of their tests: where to look when the suite has grown slow. */
function slowest(durations: ReadonlyMap<string, number>): string {
  const longest = [...durations].toSorted(([, a], [, b]) => b - a).slice(0, SLOWEST_SHOWN);
  return longest.map(([file, ms]) => `  ${(ms / 1000).toFixed(1).padStart(6)} s  ${relative(ROOT, file)}\n`).join('');
}

/** Links of servers that a test has left on this host: it did not clean up. */
function leftovers(): string {
  const links = Object.keys(networkInterfaces()).filter((name) => /^ls[0-9a-f]{8}-/.test(name));
  return links.length === 0 ? '' : `left on this host: ${links.join(', ')}\n`;
}

interface Counts {
  passed: number;
  failed: number;
  /** A line for each test that failed, so that the end of a long log names them. */
  failures: string[];
}

function failureLine(file: string | undefined, name: string, error: { cause?: unknown; message: string }): string {
  const reason = error.cause instanceof Error ? error.cause.message : error.message;
  return `  ${file ? relative(ROOT, file) : ''}: ${name}: ${reason.replaceAll(/\s+/g, ' ').slice(0, 300)}\n`;
}

async function runKind(kind: Kind): Promise<Counts> {
  const { concurrency, timeoutMs } = KINDS[kind];
  const counts: Counts = { passed: 0, failed: 0, failures: [] };
  const durations = new Map<string, number>();
  const started = performance.now();
  const stream = run({ files: filesOf(kind), concurrency, timeout: timeoutMs, cwd: ROOT });
  stream.on('test:summary', (summary) => {
    if (summary.file !== undefined) return;
    counts.passed = summary.counts.passed;
    counts.failed = summary.counts.tests - summary.counts.passed - summary.counts.skipped - summary.counts.todo;
  });
  const add = ({ nesting, file, details }: { nesting: number; file?: string; details: { duration_ms: number } }) => {
    if (nesting === 0 && file) durations.set(file, (durations.get(file) ?? 0) + details.duration_ms);
  };
  stream.on('test:pass', add);
  stream.on('test:fail', (event) => {
    add(event);
    counts.failures.push(failureLine(event.file, event.name, event.details.error));
  });
  const reporter = stream.compose(spec);
  reporter.pipe(process.stdout, { end: false });
  await new Promise((resolve) => reporter.once('end', resolve));
  const seconds = Math.round((performance.now() - started) / 1000);
  process.stdout.write(`${kind}: ${seconds} s; the longest files:\n${slowest(durations)}${leftovers()}`);
  return counts;
}

const wanted = process.argv.slice(2);
const kinds = wanted.length === 0 || wanted.includes('all') ? ALL : (wanted as Kind[]);
const stopAwsForkServer = await startAwsForkServer();
const sum: Counts = { passed: 0, failed: 0, failures: [] };
for (const kind of kinds) {
  if (!(kind in KINDS)) throw new Error(`There is no kind of test '${kind}': ${Object.keys(KINDS).join(', ')}.`);
  process.stdout.write(`\n# ${kind}\n`);
  const counts = await runKind(kind);
  sum.passed += counts.passed;
  sum.failed += counts.failed;
  sum.failures.push(...counts.failures);
}
stopAwsForkServer();
if (sum.failures.length > 0) process.stdout.write(`\nfailed:\n${sum.failures.join('')}`);
process.stdout.write(`\n${sum.passed} passed, ${sum.failed} failed\n`);
process.exitCode = sum.failed > 0 || sum.passed === 0 ? 1 : 0;
