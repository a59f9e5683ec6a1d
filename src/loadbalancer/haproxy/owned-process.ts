import { readdir, readFile, readlink, stat } from 'node:fs/promises';

/** Reads of a command line before a process without one counts as another's: a kernel thread never has one. */
const EXEC_ATTEMPTS = 2000;

/**
 * The master process that was started with this configuration file, whoever started it: the pid file first, and all of
 * /proc when that is missing or stale, because the server may have been killed before it was written.
 */
export async function findMaster(configPath: string, pidPath: string): Promise<number | undefined> {
  const written = Number((await readFile(pidPath, 'utf8').catch(() => '')).trim());
  if (written > 0 && (await isAlive(written, configPath))) return written;
  const ours = await processesOf(configPath);
  // Workers are forks with the same command line: the master is the one whose parent is not ours.
  for (const pid of ours) {
    const parent = await parentOf(pid);
    if (parent === undefined || !ours.includes(parent)) return pid;
  }
  return undefined;
}

/** Every process with this configuration file: the master and its workers, old ones too. */
export async function processesOf(configPath: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const ours = [];
  for (const pid of pids) if (isOurs(await commandLine(pid), configPath)) ours.push(pid);
  return ours;
}

/** True once a process has let go of everything, its sockets among it. */
export async function isGone(pid: number): Promise<boolean> {
  const state = (await statOf(pid))?.[0];
  return state === undefined || state === 'Z';
}

/** True while this process is there and runs this configuration. */
async function isAlive(pid: number, configPath: string): Promise<boolean> {
  for (let attempt = 0; attempt < EXEC_ATTEMPTS; attempt++) {
    const words = await commandLine(pid);
    if (words.length > 1) return isOurs(words, configPath);
    // No words: it is gone, or it replaces itself this very moment, as a master does on each reload.
    const state = (await statOf(pid))?.[0];
    if (state === undefined || state === 'Z') return false;
  }
  return false;
}

/** True once the process is not there, or is another's. One that replaces itself just now, as a master on reload, is there. */
export async function hasEnded(pid: number, configPath: string): Promise<boolean> {
  const words = await commandLine(pid);
  return words.length > 1 ? !isOurs(words, configPath) : isGone(pid);
}

/** False when the process lives in another network namespace than the one at `namespacePath`. */
export async function isInNamespace(pid: number, namespacePath: string): Promise<boolean> {
  const link = await readlink(`/proc/${pid}/ns/net`).catch(() => '');
  const inode = await stat(namespacePath).then(
    (it) => it.ino,
    () => undefined,
  );
  return inode !== undefined && link === `net:[${inode}]`;
}

/** While nsenter has not become HAProxy yet, HAProxy's words follow its own. */
function isOurs(words: readonly string[], configPath: string): boolean {
  return words.includes('-W') && words[words.indexOf('-f') + 1] === configPath;
}

async function commandLine(pid: number): Promise<readonly string[]> {
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
}

async function parentOf(pid: number): Promise<number | undefined> {
  const parent = (await statOf(pid))?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/** The columns of /proc/PID/stat after the name: state, parent, ... */
async function statOf(pid: number): Promise<readonly string[] | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text === '' ? undefined : text.slice(text.lastIndexOf(')') + 2).split(' ');
}
