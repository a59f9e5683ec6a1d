import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { silentLog } from '../../kernel/log.ts';
import type { InterfaceState, VpcState } from '../network.ts';
import { ask, run, runInside } from './command.ts';
import { LinuxNetwork } from './linux-network.ts';
import type { LinuxNetworkOptions } from './linux-network.ts';
import { parseIpJson } from './observe.ts';
import type { IpLink } from './observe.ts';

/** The kernels connect, whatever the processes are busy with; what is dropped is sent again only after a second. */
const CONNECT_SECONDS = '0.6';
/** For the server on the other side, on a busy machine. */
const ANSWER_SECONDS = '5';

const ANSWER_CALLER = `
  const [address, port, label] = process.argv.slice(1);
  const server = require('node:http').createServer((request, response) => {
    response.end(label + ' sees ' + request.socket.remoteAddress.replace('::ffff:', '') + '\\n');
  });
  server.listen(Number(port), address, () => console.log('ready'));`;

const RESOLVE = `
  const [server, name] = process.argv.slice(1);
  const resolver = new (require('node:dns').promises.Resolver)({ timeout: 1000, tries: 1 });
  resolver.setServers([server]);
  resolver.resolve4(name).then((found) => console.log(found.join()), (error) => console.log(error.code));`;

/** A piece of the host for tests: a network, and processes that stand for tasks. All of it goes with `close`. */
export class TestHost {
  readonly options: LinuxNetworkOptions;
  readonly network: LinuxNetwork;
  readonly #children = new Set<ChildProcess>();
  /** Paths of the tasks' namespaces, by `vpcId/interfaceId`. */
  readonly #tasks = new Map<string, string>();

  constructor(options: Omit<LinuxNetworkOptions, 'log'>) {
    this.options = { ...options, log: silentLog };
    this.network = new LinuxNetwork(this.options);
  }

  restart(): LinuxNetwork {
    return new LinuxNetwork(this.options);
  }

  /** The network is these VPCs, and each of their tasks has a process. What a killed run left is removed first. */
  async start(...vpcs: readonly VpcState[]): Promise<void> {
    await this.network.removeAll();
    for (const vpc of vpcs) {
      await this.network.apply(vpc);
      for (const { interfaceId } of vpc.interfaces.filter(({ kind }) => kind === 'task')) {
        const pid = await this.startProcess();
        await this.network.plug(vpc.vpcId, interfaceId, pid);
        this.#tasks.set(`${vpc.vpcId}/${interfaceId}`, namespaceOf(pid));
      }
    }
  }

  /** The path of the namespace of a task that `start` has started. */
  task(vpcId: string, { interfaceId }: Pick<InterfaceState, 'interfaceId'>): string {
    const path = this.#tasks.get(`${vpcId}/${interfaceId}`);
    if (path === undefined) throw new Error(`There is no task ${interfaceId} in ${vpcId}.`);
    return path;
  }

  /** Starts a process with a network namespace of its own and answers its id. */
  async startProcess(): Promise<number> {
    const child = spawn('unshare', ['--net', 'sleep', '600'], { stdio: 'ignore' });
    this.#children.add(child);
    const { pid } = child;
    if (pid === undefined) throw new Error('unshare did not start');
    const own = readlinkSync('/proc/self/ns/net');
    while (readlinkSync(`/proc/${pid}/ns/net`) === own) await run('true', []);
    return pid;
  }

  async endProcess(pid: number): Promise<void> {
    const child = [...this.#children].find((one) => one.pid === pid);
    if (child) await this.#end(child);
  }

  async addressOf(pid: number): Promise<string | undefined> {
    const text = await ask('nsenter', [`--net=/proc/${pid}/ns/net`, 'ip', '-j', 'address', 'show', 'dev', 'eth0']);
    return parseIpJson<IpLink>(text ?? '')[0]?.addr_info?.find((info) => info.family === 'inet')?.local;
  }

  /** An HTTP server in the namespace that answers `LABEL sees CALLER'S ADDRESS`. */
  async serve(namespacePath: string, port: number, label: string, address = '0.0.0.0'): Promise<void> {
    const node = [process.execPath, '-e', ANSWER_CALLER, address, String(port), label];
    const child = spawn('nsenter', [`--net=${namespacePath}`, '--', ...node], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#children.add(child);
    await once(child.stdout, 'data');
  }

  async close(): Promise<void> {
    await Promise.all([...this.#children].map((child) => this.#end(child)));
    await this.network.removeAll();
  }

  async #end(child: ChildProcess): Promise<void> {
    this.#children.delete(child);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
}

export function namespaceOf(pid: number): string {
  return `/proc/${pid}/ns/net`;
}

/** The addresses of a name, or the code of the failure, as a process in the namespace learns them. */
export async function resolveFrom(namespacePath: string, resolver: string, name: string): Promise<string> {
  return (await runInside(namespacePath, process.execPath, ['-e', RESOLVE, resolver, name])).trim();
}

/** What an HTTP server answers to a caller in the namespace; `nothing` when no answer comes. */
export async function fetchFrom(namespacePath: string, url: string, source?: string): Promise<string> {
  const from = source === undefined ? [] : ['--interface', source];
  const limits = ['--connect-timeout', CONNECT_SECONDS, '--max-time', ANSWER_SECONDS];
  const curl = ['--silent', ...limits, ...from, url];
  return runInside(namespacePath, 'curl', curl).then(
    (text) => text.trim(),
    () => 'nothing',
  );
}

/** Sends a request for each line that it is told, and tells what comes back in a second. */
const ASK = `
  const socket = require('node:net').connect(80, process.argv[1]);
  socket.on('error', () => undefined);
  process.stdin.on('data', () => {
    const timer = setTimeout(() => process.stdout.write('nothing'), 1000);
    socket.once('data', (answer) => { clearTimeout(timer); process.stdout.write(answer); });
    socket.write('GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n');
  });
  process.stdin.on('end', () => process.exit());`;

/** One connection from the namespace, over which HTTP is asked again and again. */
export async function openConnection(namespacePath: string, address: string) {
  const words = [`--net=${namespacePath}`, '--', process.execPath, '-e', ASK, address];
  const child = spawn('nsenter', words, { stdio: ['pipe', 'pipe', 'ignore'] });
  return {
    async ask(): Promise<string> {
      child.stdin.write('ask');
      return String((await once(child.stdout, 'data'))[0]);
    },
    close: () => child.stdin.end(),
  };
}
