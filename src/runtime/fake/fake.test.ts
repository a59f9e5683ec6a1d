import { FakeClock } from '../../kernel/clock.ts';
import { runtimeSuite } from '../suite.ts';
import type { RuntimeHarness } from '../suite-steps.ts';
import type { FakeExec } from './fake-exec.ts';
import type { FakeProgram } from './fake-container.ts';
import { FakeRuntime } from './fake-runtime.ts';

const IMAGE = 'suite:1';

const command = (program: FakeProgram) => [JSON.stringify(program)];

/** The fake's programs are written into the command as JSON. */
function harness(): RuntimeHarness {
  const clock = new FakeClock();
  const runtime = new FakeRuntime({ clock });
  runtime.addImage(IMAGE, {
    local: true,
    program: (spec) => ({
      ...(JSON.parse(spec.command?.[0] ?? '{}') as FakeProgram),
      health: spec.healthCheck?.test[1] === 'true' ? 'healthy' : 'unhealthy',
      healthAfterMs: 30,
    }),
  });
  runtime.execProgram = runExec;
  return {
    runtime,
    image: IMAGE,
    missingImage: 'missing:1',
    labels: { 'longshore.instance': 'suite' },
    programs: {
      service: () => command({ termExitCode: 7, output: [{ text: 'begun' }] }),
      deaf: () => command({ ignoresTerm: true }),
      print: (lines, exitCode, errors = []) =>
        command({
          output: [...lines.map((text) => ({ text })), ...errors.map((text) => ({ text, stream: 'stderr' as const }))],
          exitCode,
        }),
      broken: () => command({ startError: 'exec: "/nosuch": stat /nosuch: no such file or directory' }),
    },
    execs: { greet: () => ['greet'], copy: () => ['copy'], size: () => ['size'] },
    healthCheck: (verdict) => ({
      test: ['CMD', verdict === 'healthy' ? 'true' : 'false'],
      intervalMs: 10,
      timeoutMs: 10,
      retries: 1,
      startPeriodMs: 0,
    }),
    async pass() {
      await Promise.resolve();
      clock.advance(20);
    },
  };
}

function runExec(exec: FakeExec): void {
  switch (exec.spec.command[0]) {
    case 'greet':
      exec.print(`${exec.spec.environment?.['GREETING']}\n`);
      exec.print('trouble\n', 'stderr');
      return exec.exit(5);
    case 'copy':
      exec.onInput = (bytes) => (bytes.length === 0 ? exec.exit(0) : exec.print(bytes.toString()));
      return;
    default:
      exec.onInput = () => exec.print(`${exec.sizes.at(-1)?.rows} ${exec.sizes.at(-1)?.columns}\r\n`);
      exec.print('ready\r\n');
  }
}

const shared = harness();
runtimeSuite('FakeRuntime', () => shared);
