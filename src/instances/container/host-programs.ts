import { execFile } from 'node:child_process';
import { access, constants, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { RuntimeError } from '../../kernel/errors.ts';

const run = promisify(execFile);
const FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/libexec/docker'];

/** A file of this host, and where it is in the image. */
export interface HostFile {
  readonly source: string;
  /** Relative, below `usr` where the host has it below `/lib`, `/bin` or `/sbin`. */
  readonly path: string;
  readonly mode: number;
  readonly sizeBytes: number;
  readonly changedMs: number;
}

/** @throws RuntimeError rejected, naming the program that is not on this host */
export async function needProgram(name: string): Promise<string> {
  const found = await findProgram(name);
  if (found !== undefined) return found;
  throw new RuntimeError('rejected', `This host has no program ${name}: instances boot with a copy of it.`);
}

export async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of FOLDERS) {
    const path = join(folder, name);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}

/** The program itself as `usr/FOLDER/NAME`, whatever link it is on the host. */
export async function programFile(path: string, folder: 'bin' | 'sbin'): Promise<HostFile> {
  return { ...(await hostFile(path)), path: `usr/${folder}/${basename(path)}` };
}

/** What the dynamic linker loads for these programs, with the linker itself. None for static ones. */
export async function librariesOf(programs: readonly string[]): Promise<HostFile[]> {
  const lists = await Promise.all(programs.map(linkedTo));
  const paths = [...new Set(lists.flat())].sort();
  return Promise.all(paths.map(hostFile));
}

export async function hostFile(source: string): Promise<HostFile> {
  const { mode, size, mtimeMs } = await stat(source);
  const path = source.replace(/^\//, '');
  return {
    source,
    path: /^(lib|lib64|bin|sbin)\//.test(path) ? `usr/${path}` : path,
    mode: mode & 0o755,
    sizeBytes: size,
    changedMs: mtimeMs,
  };
}

/** The folder of iptables' extensions: they are loaded by name, so no program names them. */
export async function xtablesFolder(iptables: string): Promise<string | undefined> {
  const libraries = await linkedTo(await realpath(iptables));
  const xtables = libraries.find((path) => basename(path).startsWith('libxtables.'));
  const places = [xtables === undefined ? [] : [dirname(xtables)], '/usr/lib', '/usr/lib64', '/usr/local/lib'].flat();
  for (const place of places) {
    const folder = join(place, 'xtables');
    if (
      await stat(folder).then(
        (found) => found.isDirectory(),
        () => false,
      )
    )
      return folder;
  }
  return undefined;
}

/** Lines of `ldd`: `NAME => /PATH (0x...)`, and `/PATH (0x...)` for the linker. A static program makes it fail. */
async function linkedTo(program: string): Promise<string[]> {
  const text = await run('ldd', [program]).then(
    ({ stdout }) => stdout,
    () => '',
  );
  return [...text.matchAll(/^\s*(?:\S+ => )?(\/\S+) \(0x/gm)].map(([, path = '']) => path);
}
