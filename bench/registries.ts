import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateRepositoryCommand, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { run } from '../test/harness/run.ts';
import { startServer } from './server.ts';
import { waitUntil } from './site.ts';

/** Where a registry listens, and who logs in. */
export interface RegistryUnderTest {
  readonly port: number;
  /** base64 of `user:password`; left out, nobody logs in. */
  readonly token?: string;
}

/** The repository that ours has; theirs makes any. */
export const REPOSITORY = 'bench';

export async function startOurs(cleanup: AsyncDisposableStack): Promise<RegistryUnderTest> {
  const server = await startServer(cleanup);
  const { ecr } = await server.clients();
  await ecr.send(new CreateRepositoryCommand({ repositoryName: REPOSITORY }));
  const { authorizationData = [] } = await ecr.send(new GetAuthorizationTokenCommand());
  return { port: server.port, token: authorizationData[0]?.authorizationToken ?? '' };
}

/** Debian's docker-registry, which lets everybody in, with its cache of descriptors, and without a log of requests. */
export async function startTheirs(cleanup: AsyncDisposableStack): Promise<RegistryUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'ls-bench-registry-'));
  cleanup.defer(() => rm(folder, { recursive: true, force: true }));
  const port = await freePort();
  const config = `version: 0.1
log:
  level: error
  accesslog:
    disabled: true
storage:
  cache:
    blobdescriptor: inmemory
  filesystem:
    rootdirectory: ${join(folder, 'blobs')}
http:
  addr: 127.0.0.1:${port}
`;
  await writeFile(join(folder, 'config.yml'), config);
  // Its log of errors tells of every blob that a client asks for and it has not.
  const child = spawn('docker-registry', ['serve', join(folder, 'config.yml')], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('close', resolve));
  cleanup.defer(async () => {
    child.kill();
    await ended;
  });
  await waitUntil('docker-registry answers', async () => {
    if (child.exitCode !== null) throw new Error(`docker-registry ended with ${child.exitCode}.`);
    return (await isUp(port)) || undefined;
  });
  return { port };
}

/** Which of the programs that the bench needs are not on this machine. */
export async function missingPrograms(): Promise<string[]> {
  const programs = ['docker-registry', 'skopeo'];
  const found = await Promise.all(programs.map((program) => run(program, ['--version']).catch(() => undefined)));
  return programs.filter((_, i) => found[i] === undefined);
}

async function isUp(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/v2/`)).ok;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
