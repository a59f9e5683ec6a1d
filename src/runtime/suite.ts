import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { describeExec } from './exec-suite.ts';
import { describePorts } from './port-suite.ts';
import { begun, collect, create, inspect, rejects, removeAll, type RuntimeHarness, until } from './suite-steps.ts';
import { describeVolumes } from './volume-suite.ts';

/** Every implementation of ContainerRuntime passes this. Containers that tests leave are removed by `labels`. */
export function runtimeSuite(name: string, open: () => RuntimeHarness): void {
  describe(name, () => {
    describeLife(open);
    describeFailures(open);
    describeStreams(open);
    describeExec(open);
    describeVolumes(open);
    describePorts(open);
  });
}

function describeLife(open: () => RuntimeHarness): void {
  test('a container is created, started, stopped and removed', async () => {
    const { runtime, programs, labels } = open();
    const id = await create(open(), 'life', programs.service(), { labels: { ...labels, role: 'container' } });
    const created = await inspect(runtime, id);
    assert.equal(created.status, 'created');
    assert.equal(created.labels['role'], 'container');
    assert.equal(created.pid, undefined);
    assert.equal(created.startedAtMs, undefined);

    await runtime.start(id);
    await runtime.start(id);
    const running = await inspect(runtime, id);
    assert.equal(running.status, 'running');
    assert.ok(running.pid && running.startedAtMs);
    assert.equal(running.exitCode, undefined);

    await begun(runtime, id);
    await runtime.stop(id, 10_000);
    const exited = await inspect(runtime, id);
    assert.equal(exited.status, 'exited');
    assert.equal(exited.exitCode, 7);
    assert.ok(exited.finishedAtMs && exited.finishedAtMs >= running.startedAtMs);
    assert.equal(exited.pid, undefined);
    await runtime.stop(id, 1000);

    await runtime.remove(id);
    await runtime.remove(id);
    await runtime.stop(id, 1000);
    assert.equal(await runtime.inspect(id), undefined);
  });

  test('what ignores SIGTERM is killed after the timeout', async () => {
    const harness = open();
    const id = await create(harness, 'deaf', harness.programs.deaf());
    await harness.runtime.start(id);
    let stopped = false;
    const stopping = harness.runtime.stop(id, 1000).then(() => (stopped = true));
    while (!stopped) await harness.pass();
    await stopping;
    assert.equal((await inspect(harness.runtime, id)).exitCode, 137);
    await harness.runtime.remove(id);
  });

  test('creating a name again answers the same container, and refuses other labels', async () => {
    const harness = open();
    const command = harness.programs.service();
    const id = await create(harness, 'twice', command);
    assert.equal(await create(harness, 'twice', command), id);
    const other = { ...harness.labels, role: 'another' };
    await rejects(create(harness, 'twice', command, { labels: other }), 'rejected', /already in use/);
    await harness.runtime.remove(id);
  });

  test('list answers what carries all the labels, running or not', async () => {
    const harness = open();
    const labels = { ...harness.labels, role: 'listed' };
    const first = await create(harness, 'list-1', harness.programs.service(), { labels });
    await create(harness, 'list-2', harness.programs.service());
    await harness.runtime.start(first);
    const ids = async (wanted: Record<string, string>) => (await harness.runtime.list(wanted)).map(({ id }) => id);
    assert.deepEqual(await ids(labels), [first]);
    assert.equal((await ids({ ...harness.labels })).length, 2);
    assert.deepEqual(await ids({ ...labels, more: 'x' }), []);
    await removeAll(harness);
  });

  test('a container shares the network of another', async () => {
    const harness = open();
    const owner = await create(harness, 'owner', harness.programs.service());
    const guest = await create(harness, 'guest', harness.programs.service(), { network: `container:${owner}` });
    await rejects(harness.runtime.start(guest), 'rejected', /non running container/);
    await harness.runtime.start(owner);
    await harness.runtime.start(guest);
    assert.equal((await inspect(harness.runtime, guest)).status, 'running');
    await removeAll(harness);
  });

  test('a health check gives its verdict', async () => {
    const harness = open();
    for (const verdict of ['healthy', 'unhealthy'] as const) {
      const healthCheck = harness.healthCheck(verdict);
      assert.ok(healthCheck);
      const id = await create(harness, verdict, harness.programs.service(), { healthCheck });
      await harness.runtime.start(id);
      await until(harness, async () => (await inspect(harness.runtime, id)).health === verdict);
    }
    await removeAll(harness);
  });
}

function describeFailures(open: () => RuntimeHarness): void {
  test('a pull that cannot be is rejected with a reason', async () => {
    const { runtime, missingImage } = open();
    await rejects(runtime.pull(missingImage), 'rejected', /./);
    assert.equal(await runtime.inspectImage(missingImage), undefined);
  });

  test('an image that is not there is gone, as is a container', async () => {
    const harness = open();
    await rejects(
      create(harness, 'no-image', harness.programs.service(), { image: harness.missingImage }),
      'gone',
      /No such image/,
    );
    await rejects(harness.runtime.start('nosuchcontainer'), 'gone', /No such container/);
    assert.equal(await harness.runtime.inspect('nosuchcontainer'), undefined);
  });

  test('a start that fails is rejected, and leaves its reason', async () => {
    const harness = open();
    const id = await create(harness, 'broken', harness.programs.broken());
    await rejects(harness.runtime.start(id), 'rejected', /no such file/);
    const state = await inspect(harness.runtime, id);
    assert.equal(state.status, 'created');
    assert.match(state.error ?? '', /no such file/);
    await harness.runtime.remove(id);
  });

  test('the image on the host is known', async () => {
    const { runtime, image } = open();
    const info = await runtime.inspectImage(image);
    assert.match(info?.id ?? '', /^sha256:/);
    assert.equal((await runtime.inspectImage(info?.id ?? ''))?.id, info?.id);
    assert.ok((await runtime.info()).cpus > 0);
  });
}

function describeStreams(open: () => RuntimeHarness): void {
  test('logs have every line, with its time and stream, to the end', async () => {
    const harness = open();
    const lines = ['one', '', 'three \u00e9', 'x'.repeat(40_000)];
    const id = await create(harness, 'logs', harness.programs.print(lines, 3, ['trouble']));
    await harness.runtime.start(id);
    const seen = await collect(harness.runtime.logs(id, { signal: new AbortController().signal }));
    const texts = (stream: string) => seen.filter((line) => line.stream === stream).map((line) => line.text);
    assert.deepEqual(texts('stdout'), lines);
    assert.deepEqual(texts('stderr'), ['trouble']);
    const lastMs = seen.at(-1)?.timeMs ?? 0;
    assert.ok(lastMs > 0);
    await until(harness, async () => (await inspect(harness.runtime, id)).exitCode === 3);

    const again = await collect(harness.runtime.logs(id, { sinceMs: lastMs, signal: new AbortController().signal }));
    assert.deepEqual(
      again,
      seen.filter((line) => line.timeMs >= lastMs),
    );
    await harness.runtime.remove(id);
  });

  test('following ends when it is aborted', async () => {
    const harness = open();
    const id = await create(harness, 'follow', harness.programs.service());
    await harness.runtime.start(id);
    await begun(harness.runtime, id);
    const abort = new AbortController();
    const following = collect(harness.runtime.logs(id, { signal: abort.signal }));
    await harness.pass();
    abort.abort();
    // What there was may be read by then, or not.
    assert.ok((await following).every(({ text }) => text === 'begun'));
    await harness.runtime.remove(id);
  });

  test('events nudge for containers with the labels only, until aborted', async () => {
    const harness = open();
    const abort = new AbortController();
    const labels = { ...harness.labels, role: 'nudged' };
    const ids: string[] = [];
    const watching = (async () => {
      for await (const event of harness.runtime.events(labels, abort.signal)) {
        assert.equal(event.labels['role'], 'nudged');
        ids.push(event.containerId);
      }
    })();
    // The engine does not say when it has begun to watch: act until it is seen.
    let id = '';
    for (let round = 0; ids.length === 0; round++) {
      id = await create(harness, `nudge-${round}`, harness.programs.service(), { labels });
      await harness.pass();
    }
    await harness.runtime.remove(await create(harness, 'quiet', harness.programs.service()));
    const before = ids.length;
    await harness.runtime.start(id);
    await until(harness, async () => ids.length > before);
    assert.ok(ids.includes(id));
    abort.abort();
    await watching;
    await removeAll(harness);
  });
}
