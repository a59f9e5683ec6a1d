import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../../../test/harness/free-ports.ts';
import { systemClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import type { RouteTable } from '../load-balancer.ts';
import { forwardTo, groupOf, listenerOf, tableOf } from '../testing.ts';
import { HaproxyPlane } from './haproxy-plane.ts';
import type { PeerRequest, PeerResponse, PeerTask } from './testing-peer.ts';

export const LB = '10.9.0.10';
export const TARGETS = ['10.9.1.1', '10.9.1.2', '10.9.1.3'] as const;

/** A network namespace with the addresses of a load balancer and of targets, and a process in it. */
export class HostWorld implements AsyncDisposable {
  readonly namespace = `lst-${randomBytes(4).toString('hex')}`;
  readonly namespacePath = `/run/netns/${this.namespace}`;
  readonly folder = mkdtempSync('/tmp/lst-');
  readonly planes: HaproxyPlane[] = [];
  readonly #peer: ChildProcess;
  readonly #answers = new Map<number, (answer: { result?: unknown; error?: string }) => void>();
  #nextId = 0;

  constructor() {
    execFileSync('ip', ['netns', 'add', this.namespace]);
    const inside = (...words: string[]) => execFileSync('ip', ['-n', this.namespace, ...words]);
    inside('link', 'set', 'lo', 'up');
    for (const address of [LB, ...TARGETS]) inside('addr', 'add', `${address}/32`, 'dev', 'lo');
    this.#peer = spawn(
      'nsenter',
      [`--net=${this.namespacePath}`, process.execPath, join(import.meta.dirname, 'testing-peer.ts')],
      { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
    );
    this.#peer.on('message', (message: { id: number; result?: unknown; error?: string }) => {
      this.#answers.get(message.id)?.(message);
    });
  }

  plane(): HaproxyPlane {
    const plane = new HaproxyPlane({
      folder: join(this.folder, 'lb'),
      instanceId: '0a1b2c3d',
      clock: systemClock,
      log: silentLog,
    });
    this.planes.push(plane);
    return plane;
  }

  /** One listener on port 80 to the group `web` of these targets, whose checks come fast. */
  table(ips: readonly string[] = [TARGETS[0]], overrides: Partial<RouteTable> = {}): RouteTable {
    return tableOf({
      vpcId: 'vpc-1',
      namespacePath: this.namespacePath,
      listeners: [listenerOf({ addresses: [LB], rules: [forwardTo('web')] })],
      targetGroups: [
        groupOf({
          healthCheck: { ...groupOf().healthCheck, intervalMs: 100, timeoutMs: 1000, healthyThreshold: 2 },
          targets: ips.map((ip) => ({ ip, port: 8080, draining: false })),
        }),
      ],
      ...overrides,
    });
  }

  async serve(...ips: readonly string[]): Promise<void> {
    for (const ip of ips) await this.tell({ do: 'serve', ip, port: 8080 });
  }

  async get(url: string, options: PeerRequest = {}): Promise<PeerResponse> {
    return (await this.tell({ do: 'get', url, options })) as PeerResponse;
  }

  tell(task: PeerTask): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, ({ result, error }) => (error === undefined ? resolve(result) : reject(new Error(error))));
      this.#peer.send({ id, task });
    });
  }

  masterPid(vpcId = 'vpc-1'): number {
    return Number(readFileSync(join(this.folder, 'lb', vpcId, 'haproxy.pid'), 'utf8'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const plane of this.planes) await plane.stop();
    // One whose HAProxy another has stopped still looks after it.
    for (const plane of this.planes) plane.detach();
    this.#peer.kill('SIGKILL');
    execFileSync('ip', ['netns', 'delete', this.namespace]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A certificate of its own making for a name: PEM with certificate and key. */
export function selfSigned(name: string): string {
  const folder = mkdtempSync('/tmp/lst-cert-');
  try {
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    execFileSync('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', key, '-out', certificate], {
      stdio: 'ignore',
    });
    return readFileSync(certificate, 'utf8') + readFileSync(key, 'utf8');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A port of the host's loopback that stays free for this test. */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

/** Looks again and again until it is so; the runner's time limit ends a wait in vain. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => systemClock.after(20, () => resolve(undefined)));
}
