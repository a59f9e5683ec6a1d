import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run, tryRun } from '../command-line.ts';
import type { Home } from '../home.ts';

/** Folders outside the data folder where programs like ours might leave something. */
const FOLDERS = ['/run', '/run/netns', '/tmp', '/var/lib', '/var/log', '/var/tmp', '/dev/shm'];
const CGROUP_ROOT = '/sys/fs/cgroup';

/** All that carries the name of the server's instance, or of its home, and is still on this host; each in one line. */
export async function leftoversOf(home: Home, instanceId: string): Promise<readonly string[]> {
  const seen = await Promise.all([
    containers(instanceId),
    listing('docker volume', 'docker', ['volume', 'ls', '--quiet'], instanceId),
    listing('docker network', 'docker', ['network', 'ls', '--format', '{{.Name}}'], instanceId),
    listing('link', 'ip', ['-oneline', 'link'], instanceId),
    listing('nftables', 'nft', ['list', 'tables'], instanceId),
    listing('iptables', 'iptables-save', [], instanceId),
  ]);
  return [
    ...seen.flat(),
    ...processes([`${home.path}/`, instanceId]),
    ...FOLDERS.flatMap((folder) => filesNamed(folder, instanceId)),
    ...cgroupsNamed(CGROUP_ROOT, instanceId),
    ...(existsSync(home.path) ? readdirSync(home.path).map((name) => `file ${join(home.path, name)}`) : []),
  ];
}

async function containers(instanceId: string): Promise<readonly string[]> {
  const filter = ['--filter', `label=longshore.instance=${instanceId}`];
  const output = await run('docker', ['ps', '--all', ...filter, '--format', '{{.ID}} {{.Names}} {{.Status}}']);
  return linesWith(output, '').map((line) => `container ${line}`);
}

async function listing(
  kind: string,
  program: string,
  args: readonly string[],
  mark: string,
): Promise<readonly string[]> {
  const { stdout } = await tryRun(program, args);
  return linesWith(stdout, mark).map((line) => `${kind} ${line}`);
}

function linesWith(text: string, mark: string): readonly string[] {
  return text.split('\n').filter((line) => line.trim() !== '' && line.includes(mark));
}

/** Other than this process. */
function processes(marks: readonly string[]): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      const command = commandLine(pid);
      return marks.some((mark) => command.includes(mark)) ? [`process ${pid} ${command}`] : [];
    });
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return ''; // It has ended.
  }
}

function filesNamed(folder: string, mark: string): readonly string[] {
  return names(folder)
    .filter((name) => name.includes(mark))
    .map((name) => `file ${join(folder, name)}`);
}

function cgroupsNamed(folder: string, mark: string, depth = 3): readonly string[] {
  if (depth === 0) return [];
  return names(folder).flatMap((name) =>
    name.includes(mark) ? [`cgroup ${join(folder, name)}`] : cgroupsNamed(join(folder, name), mark, depth - 1),
  );
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // No such folder, or a file.
  }
}
