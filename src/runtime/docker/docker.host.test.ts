import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { sleep, systemClock } from '../../kernel/clock.ts';
import { systemIds } from '../../kernel/ids.ts';
import { runtimeSuite } from '../suite.ts';
import type { RuntimeHarness } from '../suite-steps.ts';
import { DockerRuntime } from './docker-runtime.ts';
import { OomKills } from './oom-kills.ts';
import { dockerSocketPath } from './socket-path.ts';

const run = promisify(execFile);
const instance = `suite-${systemIds.hex(8)}`;
const image = `longshore-suite/${instance}:1`;
const runtime = new DockerRuntime({ socketPath: dockerSocketPath(process.env) });
const labels = { 'longshore.instance': instance };
const shell = (script: string) => ['/bin/busybox', 'sh', '-c', script];

/** Knows no image. */
const registry = createServer((request, response) => {
  const isManifest = request.url?.includes('/manifests/') ?? false;
  response.writeHead(isManifest ? 404 : 200, { 'content-type': 'application/json' });
  const errors = [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }];
  response.end(isManifest ? JSON.stringify({ errors }) : '{}');
});

const harness: RuntimeHarness = {
  runtime,
  image,
  get missingImage() {
    return `127.0.0.1:${(registry.address() as AddressInfo).port}/web:v1`;
  },
  labels,
  programs: {
    service: () => shell('trap "exit 7" TERM; echo begun; while :; do busybox sleep 0.05; done'),
    deaf: () => shell('trap "" TERM; while :; do busybox sleep 0.05; done'),
    print: (lines, exitCode, errors = []) =>
      shell(
        [
          ...errors.map((line) => `echo '${line}' >&2`),
          ...lines.map((line) =>
            line.length > 1000 ? `busybox printf '%${line.length}s\\n' '' | busybox tr ' ' x` : `echo '${line}'`,
          ),
          `exit ${exitCode}`,
        ].join('\n'),
      ),
    broken: () => ['/nosuch'],
  },
  execs: {
    greet: () => shell('echo $GREETING; echo trouble >&2; exit 5'),
    copy: () => ['/bin/busybox', 'cat'],
    size: () => shell('echo ready; while read -r line; do busybox stty size; done'),
  },
  healthCheck: (verdict) => ({
    test: ['CMD', '/bin/busybox', verdict === 'healthy' ? 'true' : 'false'],
    intervalMs: 50,
    timeoutMs: 5000,
    retries: 1,
    startPeriodMs: 0,
  }),
  pass: () => sleep(systemClock, 20),
};

async function runToEnd(id: string) {
  await runtime.start(id);
  let state = await runtime.inspect(id);
  while (state?.status === 'running') {
    await harness.pass();
    state = await runtime.inspect(id);
  }
  return state;
}

describe('Docker Engine', () => {
  before(async () => {
    await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
    const { stdout } = await run('tar', ['-C', '/', '-cf', '-', 'bin/busybox'], {
      encoding: 'buffer',
      maxBuffer: 64 * 1024 * 1024,
    });
    await runtime.importImage(stdout, image, ['ENV PATH=/bin']);
  });

  after(async () => {
    registry.closeAllConnections();
    registry.close();
    for (const { id } of await runtime.list(labels)) await runtime.remove(id);
    for (const name of await runtime.listVolumes(labels)) await runtime.removeVolume(name);
    await run('docker', ['image', 'rm', '--force', image]);
  });

  runtimeSuite('DockerRuntime', () => harness);

  test('limits reach the engine, and memory above the limit kills', async () => {
    const id = await runtime.create({
      name: `${instance}-hog`,
      image,
      labels,
      network: 'none',
      command: ['/bin/busybox', 'tail', '/dev/zero'],
      cpuShares: 256,
      cpuLimit: 100 * 1024,
      memoryLimitBytes: 16 * 1024 * 1024,
      memoryReservationBytes: 8 * 1024 * 1024,
    });
    const { stdout } = await run('docker', ['inspect', '--format', '{{json .HostConfig}}', id]);
    const host = JSON.parse(stdout) as Record<string, number>;
    assert.equal(host['CpuShares'], 256);
    assert.equal(host['NanoCpus'], (await runtime.info()).cpus * 1_000_000_000);
    assert.equal(host['Memory'], 16 * 1024 * 1024);
    assert.equal(host['MemoryReservation'], 8 * 1024 * 1024);
    const state = await runToEnd(id);
    assert.equal(state?.exitCode, 137);
    assert.equal(state.oomKilled, true);
    // What is asked where the engine missed it.
    assert.equal(new OomKills().has(id, 'this'), true);
    await runtime.remove(id);
  });

  test('what was killed in a run before is not what a run ended of', async () => {
    const first = 'busybox touch /again; busybox tail /dev/zero; exit 1';
    const id = await runtime.create({
      name: `${instance}-again`,
      image,
      labels,
      network: 'none',
      command: shell(`[ ! -e /again ] || exit 137; ${first}`),
      memoryLimitBytes: 16 * 1024 * 1024,
    });
    assert.equal((await runToEnd(id))?.exitCode, 1);
    const second = await runToEnd(id);
    assert.equal(second?.exitCode, 137);
    assert.equal(second.oomKilled, undefined);
    await runtime.remove(id);
  });

  test('names are set for all who share the network', async () => {
    const owner = await runtime.create({
      name: `${instance}-names`,
      image,
      labels,
      network: 'none',
      command: harness.programs.service(),
      hostname: 'ip-10-0-0-5.ec2.internal',
      dnsServers: ['10.0.0.2'],
      dnsSearch: ['ec2.internal'],
      extraHosts: [{ hostname: 'ip-10-0-0-5.ec2.internal', ipAddress: '10.0.0.5' }],
    });
    await runtime.start(owner);
    const guest = await runtime.create({
      name: `${instance}-reader`,
      image,
      labels,
      network: `container:${owner}`,
      command: shell('busybox cat /etc/resolv.conf /etc/hosts; busybox hostname'),
    });
    await runtime.start(guest);
    const seen: string[] = [];
    for await (const line of runtime.logs(guest, { signal: AbortSignal.timeout(10_000) })) seen.push(line.text);
    assert.ok(seen.includes('nameserver 10.0.0.2'), seen.join('\n'));
    assert.ok(seen.includes('search ec2.internal'));
    assert.ok(seen.includes('10.0.0.5\tip-10-0-0-5.ec2.internal'));
    assert.equal(seen.at(-1), 'ip-10-0-0-5.ec2.internal');
    await runtime.remove(guest);
    await runtime.remove(owner);
  });

  test('a bare network has loopback and a host name; files are what is mounted', async () => {
    const spec = { image, labels, command: harness.programs.service() };
    const owner = await runtime.create({
      ...spec,
      name: `${instance}-bare`,
      network: 'bare',
      hostname: 'bare.internal',
    });
    await runtime.start(owner);
    const guest = await runtime.create({
      ...spec,
      name: `${instance}-bare-reader`,
      network: `container:${owner}`,
      mounts: [
        { kind: 'bind', source: '/etc/hostname', target: '/etc/hosts', readOnly: true },
        { kind: 'tmpfs', target: '/scratch', sizeBytes: 1024 * 1024, options: ['noexec'] },
      ],
      command: shell(
        'busybox hostname; busybox cat /proc/net/dev | busybox grep -c lo:; busybox cat /proc/mounts; echo x >/etc/hosts || echo kept',
      ),
    });
    await runtime.start(guest);
    const seen: string[] = [];
    const signal = AbortSignal.timeout(10_000);
    // The two streams are in no order among each other.
    for await (const { text, stream } of runtime.logs(guest, { signal })) if (stream === 'stdout') seen.push(text);
    assert.deepEqual(seen.slice(0, 2), ['bare.internal', '1'], seen.join('\n'));
    assert.ok(seen.some((line) => /^tmpfs \/scratch tmpfs .*noexec.*size=1024k/.test(line)));
    assert.ok(seen.some((line) => line.includes(' /etc/hosts ')));
    assert.ok(!seen.some((line) => line.includes(' /etc/resolv.conf ')));
    assert.ok(seen.includes('kept'));
    await runtime.remove(guest);
    await runtime.remove(owner);
  });

  test('a registry that is away is temporary; one that knows no such image is not', async () => {
    await assert.rejects(runtime.pull(harness.missingImage), { kind: 'rejected', message: /manifest unknown/ });
    await assert.rejects(runtime.pull('127.0.0.1:4/web:v1'), { kind: 'temporary', message: /refused/ });
  });
});

test('an engine that is away is temporary', async () => {
  const away = new DockerRuntime({ socketPath: '/nosuch/docker.sock' });
  await assert.rejects(away.info(), { kind: 'temporary', message: /does not answer/ });
  await assert.rejects(away.list(labels), { kind: 'temporary' });
  const events = away.events(labels, new AbortController().signal);
  await assert.rejects(
    (async () => {
      for await (const event of events) assert.fail(event.containerId);
    })(),
    { kind: 'temporary' },
  );
});
