import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RootCredentials } from '../gateway/authentication.ts';
import { accessKeyId } from '../identity/access-key-id.ts';
import { absent } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import { isNameTaken, takeName } from './host-lock.ts';

/**
 * The data folder: all that this server is. Whoever has it, has the platform.
 *
 *   instance          8 hexadecimal digits, in the name of everything that this server makes on the host
 *   credentials.json  the root user's access key, 0600
 *   master.key        seals secrets in the store, 0600
 *   ca.pem, ca.key    the built-in certificate authority
 *   store.db*         rows
 *   trail.db*, trail/ the audit trail
 *   objects/          bytes of S3's objects
 *   blobs/            image layers
 *   exec-logs/        what sessions of ECS Exec print, until it is logged
 *   haproxy/          configurations, sockets and pid files of the load balancers
 *   haproxy-logs/     what load balancers log, until it is delivered
 *   addresses.json    the block of addresses that it has on this host
 *   ports.json        ports of the resolver and the edge, kept while namespaces point at them
 *   docker-socket     the engine that has its containers
 *   lock              the process that has the folder
 *   server.log        what a detached server prints
 *   server.json       the running server's addresses; removed at a clean stop
 */
export interface Home {
  readonly path: string;
  readonly instanceId: string;
  readonly credentials: RootCredentials;
  readonly masterKey: Buffer;
  /** When the folder was made, in ms since the epoch: the account's age. */
  readonly createdAtMs: number;
}

const OWNER_ONLY = 0o600;

/** Opens the folder, making what is missing. Each file is made whole or not at all. */
export async function openHome(path: string, ids: Ids, account: string): Promise<Home> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const instanceId = (await keep(join(path, 'instance'), () => ids.hex(8))).trim();
  const masterKey = await keep(join(path, 'master.key'), () => ids.bytes(32).toString('base64'));
  const credentials = await keep(join(path, 'credentials.json'), () =>
    JSON.stringify(newCredentials(ids, account), null, 2),
  );
  return {
    path,
    instanceId,
    masterKey: Buffer.from(masterKey, 'base64'),
    createdAtMs: Math.floor((await stat(join(path, 'instance'))).mtimeMs),
    credentials: JSON.parse(credentials),
  };
}

/** An access key as AWS forms it, with forty characters of secret. */
function newCredentials(ids: Ids, account: string): RootCredentials {
  return { accessKeyId: accessKeyId('AKIA', account, ids), secretAccessKey: ids.bytes(30).toString('base64') };
}

async function keep(path: string, make: () => string): Promise<string> {
  const found = await readFile(path, 'utf8').catch(absent);
  if (found !== undefined) return found;
  const made = make();
  await writeWhole(path, `${made}\n`);
  return made;
}

/** Written under another name, made durable, and renamed: nobody ever reads half of it. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  const file = await open(temporary, 'w', OWNER_ONLY);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

export class HomeInUse extends Error {}

/**
 * Takes the folder for this process; the answer gives it back. The lock is named after the folder; the file is for people.
 * @throws HomeInUse
 */
export async function lockHome(path: string): Promise<() => Promise<void>> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const file = join(path, 'lock');
  const socket = await takeName(await lockName(path));
  if (!socket) {
    const holder = (await readFile(file, 'utf8').catch(() => '')).trim();
    const who = holder === '' ? 'Another Longshore' : `Another Longshore (pid ${holder})`;
    throw new HomeInUse(`${who} uses ${path}: stop it with 'longshore down' first.`);
  }
  await writeWhole(file, String(process.pid));
  return async () => {
    await rm(file, { force: true });
    await new Promise((resolve) => socket.close(resolve));
  };
}

/** Whether a process has the folder. */
export async function isHomeInUse(path: string): Promise<boolean> {
  const name = await lockName(path).catch(absent);
  return name !== undefined && isNameTaken(name);
}

/** The same for every path that leads to the folder. */
async function lockName(path: string): Promise<string> {
  const { dev, ino } = await stat(path, { bigint: true });
  return `\0longshore-home-${dev}-${ino}`;
}
