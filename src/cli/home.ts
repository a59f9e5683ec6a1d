import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { CliError } from './cli-error.ts';

/** The data folder of one server. */
export interface Home {
  readonly path: string;
  readonly stateFile: string;
  readonly credentialsFile: string;
  readonly caFile: string;
  readonly logFile: string;
  /** Names the engine's socket. */
  readonly engineFile: string;
}

/** What the server writes into `server.json` when it is ready, and removes when it stops cleanly. */
export interface ServerState {
  readonly pid: number;
  /** e.g. `http://127.0.0.1:4566` */
  readonly endpoint: string;
  readonly account: string;
  readonly region: string;
  readonly edge: { readonly address: string; readonly httpPort: number; readonly httpsPort: number };
  /** Eight hexadecimal digits, in the name or label of everything that this server makes on the host. */
  readonly instanceId: string;
  readonly startedAt: string | number;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The folder that was asked for, or `~/.longshore`. */
export function homeAt(path: string | undefined): Home {
  const folder = resolve(path ?? join(homedir(), '.longshore'));
  return {
    path: folder,
    stateFile: join(folder, 'server.json'),
    credentialsFile: join(folder, 'credentials.json'),
    caFile: join(folder, 'ca.pem'),
    logFile: join(folder, 'server.log'),
    engineFile: join(folder, 'docker-socket'),
  };
}

/** ` --home DIR` for the command lines that we print, where the folder is not the default one. */
export function homeFlag(home: Home): string {
  return home.path === homeAt(undefined).path ? '' : ` --home ${home.path}`;
}

/** Answers undefined when no server is ready, or while the file is being written. */
export function readState(home: Home): ServerState | undefined {
  return readJson<ServerState>(home.stateFile);
}

/** @throws CliError when the server has never been started with this home */
export function readCredentials(home: Home): Credentials {
  const credentials = readJson<Credentials>(home.credentialsFile);
  if (credentials) return credentials;
  if (existsSync(home.credentialsFile)) {
    throw new CliError(`cannot read ${home.credentialsFile}`, { hint: 'run this as the user who started the server' });
  }
  throw new CliError(`no credentials in ${home.path}: the first start of the server makes them`, {
    hint: `run: longshore up --detach${homeFlag(home)}`,
  });
}

function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
}
