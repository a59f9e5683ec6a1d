import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MachineFacts } from './facts.ts';
import { findingsOf } from './findings.ts';
import { formatFindings } from './format.ts';

const GIB = 2 ** 30;
const ALL_CAPABILITIES = 0x1ff_ffff_ffffn;

const GOOD: MachineFacts = {
  platform: 'linux',
  processor: 'x64',
  userId: 0,
  capabilities: ALL_CAPABILITIES,
  docker: { ok: true, found: { version: '20.10.24+dfsg1', rootFolder: '/var/lib/docker', freeBytes: 50 * GIB } },
  dockerClient: { ok: true, found: 'Docker version 28.2.2' },
  haproxy: { ok: true, found: 'HAProxy version 2.6.12-1+deb12u4 2026/10/17' },
  nft: { ok: true, found: 'nftables v1.0.6' },
  ip: { ok: true, found: 'iproute2-6.1.0' },
  nsenter: { ok: true, found: 'util-linux 2.38.1' },
  busybox: { ok: true, found: { version: 'BusyBox v1.35.0', isStatic: true } },
  namespace: { ok: true, found: 'veth and nftables with NAT work' },
  ports: [
    { port: 4566, use: 'endpoint', state: 'ours' },
    { port: 80, use: 'http', state: 'free' },
    { port: 443, use: 'https', state: 'free' },
  ],
  home: { path: '/root/.longshore', freeBytes: 50 * GIB },
  forwardsPackets: true,
  localhostName: { ok: true, found: '127.0.0.1' },
};

const missing = { ok: false, error: 'not installed' } as const;

/** The findings that are not good, as `name: level`. */
function troubles(change: Partial<MachineFacts>): readonly string[] {
  return findingsOf({ ...GOOD, ...change })
    .filter((finding) => finding.level !== 'good')
    .map((finding) => {
      assert.ok(finding.mend, `${finding.name} says how to mend it`);
      return `${finding.name}: ${finding.level}`;
    });
}

test('a good machine has nothing to mend', () => {
  assert.deepEqual(troubles({}), []);
  assert.match(formatFindings(findingsOf(GOOD)), /\n\nLongshore can run\.$/);
});

const CASES: readonly [string, Partial<MachineFacts>, readonly string[]][] = [
  ['another system', { platform: 'darwin', processor: 'arm64' }, ['System: broken']],
  ['not root', { userId: 1000 }, ['Rights: broken']],
  ['root without rights over the network', { capabilities: ALL_CAPABILITIES & ~(1n << 12n) }, ['Rights: broken']],
  ['no engine', { docker: missing }, ['Docker Engine: broken']],
  [
    'an old engine',
    { docker: { ok: true, found: { version: '19.03.1', rootFolder: '/', freeBytes: 9 * GIB } } },
    ['Docker Engine: broken'],
  ],
  ['no docker client', { dockerClient: missing }, ['Docker client: warning']],
  ['an old HAProxy', { haproxy: { ok: true, found: 'HA-Proxy version 2.2.9' } }, ['HAProxy: broken']],
  [
    'nothing of the network',
    { haproxy: missing, nft: missing, ip: missing, nsenter: missing },
    ['HAProxy: broken', 'nftables: broken', 'iproute2: broken', 'nsenter: broken'],
  ],
  [
    'a busybox with libraries',
    { busybox: { ok: true, found: { version: 'BusyBox', isStatic: false } } },
    ['busybox: warning'],
  ],
  ['no namespaces', { namespace: { ok: false, error: 'unshare failed' } }, ['Network namespaces: broken']],
  ['a taken port', { ports: [{ port: 443, use: 'https', state: 'EADDRINUSE' }] }, ['Port 443: warning']],
  ['little room', { home: { path: '/', freeBytes: 2 * GIB } }, ['Disk for data: warning']],
  ['no room', { home: { path: '/', freeBytes: 0.5 * GIB } }, ['Disk for data: broken']],
  ['no way out', { forwardsPackets: false }, ['IP forwarding: warning']],
  ['names that do not resolve', { localhostName: missing }, ['Names below .localhost: warning']],
];

for (const [title, change, wanted] of CASES) {
  test(`${title}: ${wanted.join(', ')}`, () => assert.deepEqual(troubles(change), wanted));
}

test('what to do stands below what is wrong', () => {
  const text = formatFindings(findingsOf({ ...GOOD, docker: missing }));
  assert.match(text, /^FAIL  Docker Engine +not installed\n +-> start it: /m);
  assert.match(text, /1 to mend before Longshore can run\.$/);
});
