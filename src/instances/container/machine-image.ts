import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { ContainerRuntime } from '../../runtime/runtime.ts';
import type { MachineImage } from '../instance-driver.ts';
import { findProgram, hostFile, librariesOf, needProgram, programFile, xtablesFolder } from './host-programs.ts';
import type { HostFile } from './host-programs.ts';
import { writeTar } from './tar.ts';
import type { TarEntry } from './tar.ts';

const run = promisify(execFile);

/** What an engine is made of, besides the firewall. */
const ENGINE = ['dockerd', 'containerd', 'containerd-shim-runc-v2', 'runc', 'docker-proxy'];
/** What machines have and user data counts on; left out where the host has it not. */
const COMFORTS = ['docker', 'docker-init', 'bash', 'curl'];
const FIREWALL = ['iptables', 'iptables-save', 'iptables-restore', 'ip6tables', 'ip6tables-save', 'ip6tables-restore'];
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';
const INIT = readFileSync(new URL('./init.sh', import.meta.url));
const SHUTDOWN = readFileSync(new URL('./shutdown.sh', import.meta.url));
const PER_FREQUENCY = readFileSync(new URL('./cloud-init-per.sh', import.meta.url));

const FOLDERS: readonly (readonly [path: string, mode: number, owner?: number])[] = [
  ['dev', 0o755],
  ['etc', 0o755],
  ['etc/docker', 0o755],
  ['etc/ecs', 0o755],
  ['home', 0o755],
  ['home/ec2-user', 0o700, 1000],
  ['proc', 0o755],
  ['root', 0o700],
  ['run', 0o755],
  ['sys', 0o755],
  ['tmp', 0o1777],
  ['usr', 0o755],
  ['usr/bin', 0o755],
  ['usr/lib', 0o755],
  ['usr/lib64', 0o755],
  ['usr/local', 0o755],
  ['usr/local/bin', 0o755],
  ['usr/local/sbin', 0o755],
  ['usr/sbin', 0o755],
  ['var', 0o755],
  ['var/lib', 0o755],
  ['var/lib/cloud', 0o755],
  ['var/log', 0o755],
  ['var/tmp', 0o1777],
];

const TEXTS: Readonly<Record<string, string>> = {
  'etc/passwd': [
    'root:x:0:0:root:/root:/bin/sh',
    'nobody:x:65534:65534:nobody:/:/bin/false',
    'ec2-user:x:1000:1000:EC2 Default User:/home/ec2-user:/bin/sh',
    '',
  ].join('\n'),
  'etc/group': 'root:x:0:\nnogroup:x:65534:\ndocker:x:992:ec2-user\nec2-user:x:1000:\n',
  'usr/lib/os-release': 'NAME=Longshore\nID=longshore\nID_LIKE="amzn"\nPRETTY_NAME="Longshore instance"\n',
  'etc/nsswitch.conf': 'hosts: files dns\n',
  'etc/ecs/ecs.config': '',
};

const LINKS: Readonly<Record<string, string>> = {
  bin: 'usr/bin',
  sbin: 'usr/sbin',
  lib: 'usr/lib',
  lib64: 'usr/lib64',
  'var/run': '/run',
  'etc/os-release': '../usr/lib/os-release',
};

/**
 * Makes the image that instances boot, once, of programs of this host and what they link to: no registry, no package.
 * Its tag says which versions of them: an upgrade of the host is a new image for new instances.
 * @throws RuntimeError rejected, naming a program that the host lacks
 */
export class MachineImages {
  readonly #runtime: Pick<ContainerRuntime, 'inspectImage' | 'importImage'>;
  readonly #removeOthers: (reference: string) => Promise<void>;
  /** By this process: what the host has is looked up once. */
  readonly #made = new Map<MachineImage, string>();
  readonly #making = new Map<MachineImage, Promise<string>>();

  /** @param removeOthers of what an image of that reference replaces */
  constructor(
    runtime: Pick<ContainerRuntime, 'inspectImage' | 'importImage'>,
    removeOthers: (reference: string) => Promise<void>,
  ) {
    this.#runtime = runtime;
    this.#removeOthers = removeOthers;
  }

  /** The reference of the image, which is there now. */
  ensure(image: MachineImage): Promise<string> {
    const running = this.#making.get(image);
    if (running) return running;
    const made = this.#ensure(image).finally(() => this.#making.delete(image));
    this.#making.set(image, made);
    return made;
  }

  async #ensure(image: MachineImage): Promise<string> {
    const known = this.#made.get(image);
    if (known !== undefined && (await this.#runtime.inspectImage(known))) return known;
    const parts = await partsOf(image);
    const reference = `longshore/instance-${image}:${fingerprint(parts)}`;
    if (!(await this.#runtime.inspectImage(reference))) {
      const tar = await writeTar(entriesOf(parts));
      await this.#runtime.importImage(tar, reference, ['ENTRYPOINT ["/usr/sbin/init"]']);
      await this.#removeOthers(reference);
    }
    this.#made.set(image, reference);
    return reference;
  }
}

interface Parts {
  readonly files: readonly HostFile[];
  readonly links: Readonly<Record<string, string>>;
}

async function partsOf(image: MachineImage): Promise<Parts> {
  const busybox = await needProgram('busybox');
  const programs = [await programFile(busybox, 'bin')];
  const others: HostFile[] = [];
  const links = { ...(await appletLinks(busybox)), ...LINKS };
  if (image === 'ecs-optimized') {
    for (const name of ENGINE) programs.push(await programFile(await needProgram(name), 'sbin'));
    for (const name of COMFORTS) {
      const path = await findProgram(name);
      if (path !== undefined) programs.push(await programFile(path, 'bin'));
    }
    const firewall = await firewallOf();
    programs.push(...firewall.programs);
    others.push(...firewall.extensions);
    Object.assign(links, firewall.links);
    others.push(
      ...(await hostFile(CERTIFICATES).then(
        (file) => [file],
        () => [],
      )),
    );
  }
  const libraries = await librariesOf(programs.map(({ source }) => source));
  const files = [...programs, ...others, ...libraries];
  for (const { path } of files) delete links[path];
  return { files, links };
}

/** One program that does what the name says that it is called by. */
async function firewallOf() {
  const iptables = await needProgram('iptables');
  const multi = await realpath(iptables);
  const program = { ...(await programFile(multi, 'sbin')), source: multi };
  const folder = await xtablesFolder(iptables);
  const names =
    folder === undefined ? [] : (await readdir(folder)).filter((name) => /^lib(xt|ipt|ip6t)_.*\.so$/.test(name));
  const extensions = await Promise.all(names.sort().map((name) => hostFile(join(folder ?? '', name))));
  const links = Object.fromEntries(FIREWALL.map((name) => [`usr/sbin/${name}`, basename(multi)]));
  return { programs: [program], extensions, links };
}

async function appletLinks(busybox: string): Promise<Record<string, string>> {
  const { stdout } = await run(busybox, ['--list']);
  const names = stdout.split('\n').filter((name) => /^[\w[-]+$/.test(name) && name !== 'busybox' && name !== 'init');
  return Object.fromEntries(names.map((name) => [`usr/bin/${name}`, 'busybox']));
}

function fingerprint({ files, links }: Parts): string {
  const hash = createHash('sha256')
    .update(INIT)
    .update(PER_FREQUENCY)
    .update(SHUTDOWN)
    .update(JSON.stringify([FOLDERS, TEXTS, links]));
  for (const { source, path, sizeBytes, changedMs } of files)
    hash.update(`${source} ${path} ${sizeBytes} ${changedMs}\n`);
  return hash.digest('hex').slice(0, 16);
}

function entriesOf({ files, links }: Parts): TarEntry[] {
  const known = new Set(FOLDERS.map(([path]) => path));
  const further = [...new Set(files.flatMap(({ path }) => foldersAbove(path)))]
    .filter((path) => !known.has(path))
    .sort();
  const program = (path: string, content: Buffer): TarEntry => ({ kind: 'file', path, mode: 0o755, content });
  return [
    ...FOLDERS.map(([path, mode, owner = 0]): TarEntry => ({ kind: 'folder', path, mode, owner })),
    ...further.map((path): TarEntry => ({ kind: 'folder', path, mode: 0o755 })),
    ...Object.entries(TEXTS).map(([path, text]): TarEntry => ({
      kind: 'file',
      path,
      mode: 0o644,
      content: Buffer.from(text),
    })),
    program('usr/sbin/init', INIT),
    program('usr/bin/cloud-init-per', PER_FREQUENCY),
    program('usr/sbin/shutdown', SHUTDOWN),
    ...files.map(({ source, sizeBytes, path, mode }): TarEntry => {
      return { kind: 'file', path, mode, content: { source, sizeBytes } };
    }),
    ...Object.entries(links).map(([path, target]): TarEntry => ({ kind: 'link', path, target })),
  ];
}

function foldersAbove(path: string): string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join('/'));
}
