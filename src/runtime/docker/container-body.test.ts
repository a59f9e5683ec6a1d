import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerSpec } from '../runtime.ts';
import { containerBody } from './container-body.ts';

function hostConfig(spec: Partial<ContainerSpec>): Record<string, unknown> {
  const body = bodyOf(spec);
  return body['HostConfig'] as Record<string, unknown>;
}

function bodyOf(spec: Partial<ContainerSpec>): Record<string, unknown> {
  return { ...containerBody({ name: 'web', image: 'web:1', labels: {}, network: 'none', ...spec }, 4) };
}

test('mounts go where the engine takes each kind', () => {
  const host = hostConfig({
    mounts: [
      { kind: 'bind', source: '/srv', target: '/data', readOnly: true },
      { kind: 'bind', source: '/var', target: '/var/host', readOnly: false },
      { kind: 'volume', source: 'v1', target: '/kept', readOnly: false },
      { kind: 'tmpfs', target: '/scratch', sizeBytes: 1024, options: ['noexec', 'mode=700'] },
    ],
  });
  assert.deepEqual(host['Binds'], ['/srv:/data:ro', '/var:/var/host']);
  assert.deepEqual(host['Mounts'], [{ Type: 'volume', Source: 'v1', Target: '/kept', ReadOnly: false }]);
  assert.deepEqual(host['Tmpfs'], { '/scratch': 'size=1024,noexec,mode=700' });
  const mounts = [{ kind: 'bind', source: '/a:b', target: '/c', readOnly: false }] as const;
  assert.throws(() => bodyOf({ mounts }), { kind: 'rejected' });
});

test('another’s volumes, to write or only to read', () => {
  const volumesFrom = [
    { container: 'a', readOnly: false },
    { container: 'b', readOnly: true },
  ];
  assert.deepEqual(hostConfig({ volumesFrom })['VolumesFrom'], ['a', 'b:ro']);
  assert.equal('VolumesFrom' in hostConfig({}), false);
});

test('swap is counted on top of memory', () => {
  assert.equal(hostConfig({ memoryLimitBytes: 100 })['MemorySwap'], 100);
  const host = hostConfig({ memoryLimitBytes: 100, swapBytes: 50, swappiness: 0, sharedMemoryBytes: 7 });
  assert.equal(host['MemorySwap'], 150);
  assert.equal(host['MemorySwappiness'], 0);
  assert.equal(host['ShmSize'], 7);
});

test('isolation, devices and kernel parameters', () => {
  const host = hostConfig({
    devices: [{ hostPath: '/dev/null', containerPath: '/dev/zip', permissions: 'rw' }],
    systemControls: { 'net.core.somaxconn': '512' },
    privileged: true,
    securityOptions: ['no-new-privileges'],
    pidMode: 'container:p1',
    ipcMode: 'none',
    cgroupParent: '/longshore-1/t1',
  });
  assert.deepEqual(host['Devices'], [
    { PathOnHost: '/dev/null', PathInContainer: '/dev/zip', CgroupPermissions: 'rw' },
  ]);
  assert.deepEqual(host['Sysctls'], { 'net.core.somaxconn': '512' });
  assert.equal(host['Privileged'], true);
  assert.deepEqual(host['SecurityOpt'], ['no-new-privileges']);
  assert.equal(host['PidMode'], 'container:p1');
  assert.equal(host['IpcMode'], 'none');
  assert.equal(host['CgroupParent'], '/longshore-1/t1');
});

test('an engine inside has control groups and devices of its own, and sees all of /proc', () => {
  const { CgroupnsMode, DeviceCgroupRules, MaskedPaths, ReadonlyPaths } = hostConfig({ nestedEngine: true });
  assert.deepEqual([CgroupnsMode, DeviceCgroupRules, MaskedPaths, ReadonlyPaths], ['private', ['a *:* rwm'], [], []]);
});

test('a container says how long it takes to end, in whole seconds', () => {
  assert.equal(bodyOf({ stopTimeoutMs: 74_500 })['StopTimeout'], 75);
  assert.equal('StopTimeout' in bodyOf({}), false);
});

test('a terminal, open input and a bare network', () => {
  const body = bodyOf({ interactive: true, pseudoTerminal: true, network: 'bare' });
  assert.equal(body['OpenStdin'], true);
  assert.equal(body['Tty'], true);
  assert.equal(body['NetworkDisabled'], true);
  assert.equal(hostConfig({ network: 'bare' })['NetworkMode'], 'none');
  assert.equal(bodyOf({})['NetworkDisabled'], undefined);
});

test('published ports, of which the engine chooses some, and links', () => {
  const ports = [
    { containerPort: 80, hostPort: 8080, protocol: 'tcp' },
    { containerPort: 80, hostPort: 0, protocol: 'tcp' },
    { containerPort: 53, hostPort: 0, protocol: 'udp' },
  ] as const;
  const body = bodyOf({ network: 'bridge', ports, links: [{ container: 'db', alias: 'store' }] });
  const host = body['HostConfig'] as Record<string, unknown>;
  assert.equal(host['NetworkMode'], 'bridge');
  assert.deepEqual(body['ExposedPorts'], { '80/tcp': {}, '53/udp': {} });
  const bound = (...HostPorts: string[]) => HostPorts.map((HostPort) => ({ HostIp: '0.0.0.0', HostPort }));
  assert.deepEqual(host['PortBindings'], { '80/tcp': bound('8080', ''), '53/udp': bound('') });
  assert.deepEqual(host['Links'], ['db:store']);
});
