import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { takeAddressBlock } from './harness/address-block.ts';
import { leftoversOf } from './harness/host.ts';
import { run } from './harness/run.ts';
import { until } from './harness/until.ts';

const ROOT = join(import.meta.dirname, '..');
const CLI = join(ROOT, 'src/cli/main.ts');
/** A machine that has never run it makes a base image first. */
const DEMO_WITHIN_MS = 300_000;

/** A run of the demo in a home of its own; whatever comes of it, nothing stays. */
class Demo {
  readonly home: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  output = '';

  constructor(home: string, program: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.home = home;
    this.#child = spawn(program, [...args, '--home', home], { cwd: ROOT, env: { ...process.env, ...env } });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
    this.#ended = new Promise((resolve) => this.#child.once('close', resolve));
  }

  static async start(t: TestContext, program: string, ...args: string[]): Promise<Demo> {
    const folder = await mkdtemp(join(tmpdir(), 'ls-demo-'));
    const block = await takeAddressBlock();
    const env = { LONGSHORE_TRANSIT_CIDR: block.transit, LONGSHORE_PUBLIC_CIDR: block.public };
    const demo = new Demo(join(folder, 'home'), program, args, env);
    t.after(async () => {
      demo.signal('SIGTERM');
      await demo.#ended;
      if (existsSync(demo.home)) await run(process.execPath, [CLI, 'reset', '--yes', '--home', demo.home]);
      await rm(folder, { recursive: true, force: true });
      block.release();
    });
    return demo;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async instanceId(): Promise<string> {
    const read = async () => (await readFile(join(this.home, 'instance'), 'utf8').catch(() => '')).trim() || undefined;
    return until('the demo has an instance', read, DEMO_WITHIN_MS);
  }

  async says(text: string): Promise<void> {
    await until(`the demo says '${text}'`, async () => this.output.includes(text), DEMO_WITHIN_MS);
  }

  async exitCode(): Promise<number | null> {
    return this.#ended;
  }
}

/** So that both run at once: the second begins when the first has pushed the image that they share. */
describe('npm run demo', { concurrency: true }, () => {
  let begun: (demo: Demo) => void;
  const first = new Promise<Demo>((resolve) => (begun = resolve));

  test('--once: everything works on Fargate and on EC2 instances, and nothing is left', async (t) => {
    const demo = await Demo.start(t, 'npm', 'run', 'demo', '--', '--once');
    begun(demo);
    const instance = await demo.instanceId();
    assert.equal(await demo.exitCode(), 0, demo.output);
    for (const line of [
      /https:\/\/ecs-fargate\.localhost/,
      /the page comes over HTTPS, trusted through the CA: 200, served by ip-/,
      /port 80 redirects to HTTPS: 301/,
      /every task answers: ip-\S+ and ip-/,
      /a direct request to a task is refused by its security group/,
      /https:\/\/ecs-ec2\.localhost/,
      /Scale out: 3 tasks: 3 instances and 3 healthy tasks after \d+ s/,
      /every task answers: [0-9a-f]{12} and [0-9a-f]{12} and [0-9a-f]{12}/,
      /Scale in: 1 task: 1 instance and 1 healthy task after \d+ s/,
      /Everything works, and nothing is left\./,
    ]) {
      assert.match(demo.output, line);
    }
    assert.deepEqual(await leftoversOf(instance, demo.home), []);
  });

  test('interrupted while instances come, the demo removes what it made', async (t) => {
    await (await first).says('https://ecs-fargate.localhost');
    const demo = await Demo.start(t, process.execPath, CLI, 'demo', '--once');
    const instance = await demo.instanceId();
    await demo.says('3 instances in service');
    demo.signal('SIGINT');
    assert.equal(await demo.exitCode(), 130, demo.output);
    assert.deepEqual(await leftoversOf(instance, demo.home), []);
  });
});
