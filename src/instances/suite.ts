import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { InstanceDriver, InstanceSeen, InstanceSpec } from './instance-driver.ts';

/** What the suite needs of the host below a driver. */
export interface InstanceHarness {
  readonly driver: InstanceDriver;
  /** Another driver over the same host, as after a crash of the server. */
  restart(): InstanceDriver;
  /** Gives a running instance the way out that its user data waits for. */
  connect(seen: InstanceSeen): Promise<void>;
  /** Kills its init. */
  kill(seen: InstanceSeen): Promise<void>;
  /** Waits a moment. */
  pass(): Promise<void>;
  close(): Promise<void>;
}

const ID = 'i-0123456789abcdef0';
const OTHER = 'i-0fedcba9876543210';

export function exampleSpec(more: Partial<InstanceSpec> = {}): InstanceSpec {
  return {
    instanceId: ID,
    image: 'ecs-optimized',
    cpus: 1,
    memoryBytes: 512 * 1024 * 1024,
    hostname: 'ip-10-0-0-11.ec2.internal',
    dnsServers: ['10.0.0.2'],
    dnsSearch: ['ec2.internal'],
    publicKeys: [],
    registry: '127.0.0.1:4566',
    ...more,
  };
}

/** The state once `isWanted` holds. */
export async function untilSeen(
  { driver, pass }: Pick<InstanceHarness, 'driver' | 'pass'>,
  instanceId: string,
  isWanted: (seen: InstanceSeen) => boolean,
): Promise<InstanceSeen> {
  for (;;) {
    const seen = await driver.inspect(instanceId);
    if (seen && isWanted(seen)) return seen;
    await pass();
  }
}

/** Starts it, connects it so that user data goes on, and waits for its engine. */
export async function boot(harness: InstanceHarness, spec: InstanceSpec): Promise<InstanceSeen> {
  await harness.driver.start(spec);
  await harness.connect(await untilSeen(harness, spec.instanceId, ({ pid }) => pid !== undefined));
  return untilSeen(harness, spec.instanceId, ({ engineReady }) => engineReady || spec.image === 'minimal');
}

export const hasRun = ({ userData }: InstanceSeen) => userData === 'done' || userData === 'failed';

/** What every implementation of InstanceDriver does. */
export function instanceSuite(name: string, open: () => Promise<InstanceHarness>): void {
  describe(name, () => {
    let harness: InstanceHarness;
    before(async () => {
      harness = await open();
    });
    afterEach(async () => {
      for (const { instanceId } of await harness.driver.list()) await harness.driver.terminate(instanceId);
    });
    after(() => harness.close());
    describeLife(() => harness);
    describeUserData(() => harness);
    describeEnds(() => harness);
  });
}

function describeLife(open: () => InstanceHarness): void {
  test('an instance starts with an engine of its own, stops, starts again and goes', async () => {
    const { driver } = open();
    const first = await boot(open(), exampleSpec());
    assert.equal(first.state, 'running');
    assert.ok(first.pid);
    assert.ok((await driver.runtimeOf(ID).info()).cpus > 0);
    await driver.start(exampleSpec());
    assert.equal((await driver.inspect(ID))?.bootId, first.bootId);
    assert.equal(await driver.hostPid(ID, 1), first.pid);

    await driver.stop(ID, 10_000);
    await driver.stop(ID, 10_000);
    const stopped = await driver.inspect(ID);
    assert.deepEqual([stopped?.state, stopped?.pid, stopped?.engineReady], ['stopped', undefined, false]);
    await assert.rejects(driver.runtimeOf(ID).info(), { kind: 'temporary' });
    assert.equal(await driver.hostPid(ID, 1), undefined);

    const second = await boot(open(), exampleSpec({ cpus: 2, memoryBytes: 1024 ** 3 }));
    assert.notEqual(second.bootId, first.bootId);

    await driver.terminate(ID);
    await driver.terminate(ID);
    await driver.stop(ID, 10_000);
    assert.equal(await driver.inspect(ID), undefined);
    assert.deepEqual(await driver.list(), []);
    await assert.rejects(driver.consoleOutput(ID), { kind: 'gone' });
    await assert.rejects(driver.reboot(ID), { kind: 'gone' });
    assert.equal(await driver.readFile(ID, '/etc/hosts'), undefined);
  });

  test('a minimal image has no engine', async () => {
    const { driver } = open();
    const seen = await boot(open(), exampleSpec({ image: 'minimal' }));
    assert.deepEqual([seen.state, seen.engineReady], ['running', false]);
    await assert.rejects(driver.runtimeOf(ID).info(), { kind: 'temporary' });
  });
}

function describeUserData(open: () => InstanceHarness): void {
  test('user data runs at the first boot, and the disk outlives boots', async () => {
    const { driver } = open();
    const script = "#!/bin/sh\necho 'user data was here'\necho once >> /etc/told\n";
    const first = await boot(open(), exampleSpec({ userData: Buffer.from(script) }));
    assert.equal((await untilSeen(open(), ID, hasRun)).userData, 'done');
    assert.match(await driver.consoleOutput(ID), /^user data was here$/m);

    await driver.reboot(ID);
    const second = await untilSeen(open(), ID, ({ pid }) => pid !== undefined);
    assert.notEqual(second.bootId, first.bootId);
    await open().connect(second);
    await untilSeen(open(), ID, ({ engineReady }) => engineReady);
    assert.equal((await untilSeen(open(), ID, hasRun)).userData, 'done');
    assert.equal((await driver.readFile(ID, '/etc/told'))?.toString(), 'once\n');
    assert.doesNotMatch(await driver.consoleOutput(ID), /was here/);
    await driver.stop(ID, 10_000);
    assert.equal((await driver.readFile(ID, '/etc/told'))?.toString(), 'once\n');
    assert.equal(await driver.readFile(ID, '/etc/nosuch'), undefined);
  });

  test('user data that fails, and user data of no known kind', async () => {
    const { driver } = open();
    await boot(open(), exampleSpec({ image: 'minimal', userData: Buffer.from('#!/bin/sh\nexit 3\n') }));
    assert.equal((await untilSeen(open(), ID, hasRun)).userData, 'failed');
    await boot(open(), exampleSpec({ image: 'minimal', instanceId: OTHER, userData: Buffer.from('#include\nx\n') }));
    assert.equal((await untilSeen(open(), OTHER, hasRun)).userData, 'failed');
    assert.match(await driver.consoleOutput(OTHER), /#include.*not supported/);
  });
}

function describeEnds(open: () => InstanceHarness): void {
  test('an instance that is killed is seen as stopped, with a nudge, and starts again', async () => {
    const harness = open();
    const { driver } = harness;
    const controller = new AbortController();
    const events = driver.events(controller.signal)[Symbol.asyncIterator]();
    const nudge = events.next();
    const first = await boot(harness, exampleSpec({ image: 'minimal' }));
    await harness.kill(first);
    assert.deepEqual((await nudge).value, { instanceId: ID });
    const ended = await untilSeen(harness, ID, ({ state }) => state === 'stopped');
    assert.equal(ended.bootId, first.bootId);
    const second = await boot(harness, exampleSpec({ image: 'minimal' }));
    assert.equal(second.state, 'running');
    controller.abort();
    await events.return?.();
  });

  test('a restarted server finds its instances, running and stopped', async () => {
    const harness = open();
    const running = await boot(harness, exampleSpec({ userData: Buffer.from('#!/bin/sh\necho x') }));
    await boot(harness, exampleSpec({ image: 'minimal', instanceId: OTHER }));
    await untilSeen(harness, ID, hasRun);
    await harness.driver.stop(OTHER, 10_000);
    const again = harness.restart();
    const found = (await again.list()).toSorted((a, b) => a.instanceId.localeCompare(b.instanceId));
    assert.deepEqual(
      found.map(({ instanceId, state, pid, engineReady }) => [instanceId, state, pid, engineReady]),
      [
        [ID, 'running', running.pid, true],
        [OTHER, 'stopped', undefined, false],
      ],
    );
    assert.equal(found[0]?.userData, 'done');
    assert.ok((await again.runtimeOf(ID).info()).version);
    await again.terminate(OTHER);
    assert.equal(await harness.driver.inspect(OTHER), undefined);
  });
}
