import { link, mkdir, readdir, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { absent, systemCode } from '../kernel/errors.ts';
import type { Mount } from '../runtime/runtime.ts';
import type { AwsvpcNetwork, TaskSpec } from './executor.ts';

/** As Docker writes them: names of the machine itself. */
const LOCAL_NAMES = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::0\tip6-localnet',
  'ff00::0\tip6-mcastprefix',
  'ff02::1\tip6-allnodes',
  'ff02::2\tip6-allrouters',
];

const NAMES = ['hosts', 'hostname', 'resolv.conf'] as const;

/** A task with an interface of its own. */
export interface NetworkOwner extends Pick<TaskSpec, 'taskId'> {
  readonly network: AwsvpcNetwork;
}

/** /etc/hosts, /etc/hostname and /etc/resolv.conf of tasks, which the engine leaves to us with a bare network. */
export interface NetworkFiles {
  /** Writes what is missing: what containers wrote into the files stays. Answers the mounts that show them. */
  ensure(task: NetworkOwner): Promise<readonly Mount[]>;
  /** Once no container of the task is left. Gone already: no error. */
  remove(taskId: string): Promise<void>;
  /** The ids of every task that has some. */
  list(): Promise<readonly string[]>;
}

/** Mounts beside a container's own, which hide these; as read-only as its root file system is. */
export function networkMounts(
  all: readonly Mount[],
  own: readonly Mount[],
  readonlyRootFilesystem = false,
): readonly Mount[] {
  const taken = new Set(own.map(({ target }) => target));
  return all.filter(({ target }) => !taken.has(target)).map((mount) => withAccess(mount, readonlyRootFilesystem));
}

function withAccess(mount: Mount, readOnly: boolean): Mount {
  return mount.kind === 'tmpfs' ? mount : { ...mount, readOnly };
}

/** In one folder for each task. */
export class FolderNetworkFiles implements NetworkFiles {
  readonly #folder: string;
  readonly #ensuring = new Map<string, Promise<readonly Mount[]>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Containers of a task ask at once: the files are written by the first. */
  ensure(task: NetworkOwner): Promise<readonly Mount[]> {
    const ensuring =
      this.#ensuring.get(task.taskId) ?? this.#ensure(task).finally(() => this.#ensuring.delete(task.taskId));
    this.#ensuring.set(task.taskId, ensuring);
    return ensuring;
  }

  async remove(taskId: string): Promise<void> {
    await rm(this.#of(taskId), { recursive: true, force: true });
  }

  async list(): Promise<readonly string[]> {
    return (await readdir(this.#folder).catch(absent)) ?? [];
  }

  async #ensure({ taskId, network }: NetworkOwner): Promise<readonly Mount[]> {
    const folder = this.#of(taskId);
    await mkdir(folder, { recursive: true });
    const texts = networkTexts(network);
    await Promise.all(NAMES.map((name) => writeMissing(join(folder, name), texts[name])));
    return NAMES.map((name) => bindMount(folder, name));
  }

  #of(taskId: string): string {
    if (!/^[a-zA-Z0-9_-]+$/.test(taskId)) throw new Error(`${taskId} is no id of a task`);
    return join(this.#folder, taskId);
  }
}

function bindMount(folder: string, name: string): Mount {
  return { kind: 'bind', source: join(folder, name), target: `/etc/${name}`, readOnly: false };
}

export function networkTexts(network: AwsvpcNetwork): Readonly<Record<(typeof NAMES)[number], string>> {
  const { hostname, privateIp, dnsServers, dnsSearch, hosts = [] } = network;
  const resolver = [
    ...(dnsSearch.length > 0 ? [`search ${dnsSearch.join(' ')}`] : []),
    ...dnsServers.map((server) => `nameserver ${server}`),
  ];
  return {
    hosts: text([
      ...LOCAL_NAMES,
      `${privateIp}\t${hostname}`,
      ...hosts.map(({ name, address }) => `${address}\t${name}`),
    ]),
    hostname: text([hostname]),
    'resolv.conf': text(resolver),
  };
}

/** Whole or not at all, and never in place of one that is there: a container has just that file. */
async function writeMissing(path: string, content: string): Promise<void> {
  const part = `${path}.part`;
  await writeFile(part, content, { mode: 0o644 });
  await link(part, path).catch((error: unknown) => {
    if (systemCode(error) !== 'EEXIST') throw error;
  });
  await unlink(part);
}

function text(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}
