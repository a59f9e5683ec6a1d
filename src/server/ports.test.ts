import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { ConfigError } from './config.ts';
import { lockHome } from './home.ts';
import { releaseClaims } from './host-claims.ts';
import { takeEdgePorts } from './ports.ts';

/** Loopback of this test alone: nothing real listens there. */
const EDGE_ADDRESS = `127.77.${(process.pid >> 8) & 255}.${(process.pid & 127) + 1}`;

/** Servers of one host. No edge runs, as where there is no load balancer. */
async function openHost(t: TestContext) {
  const root = await mkdtemp(join(tmpdir(), 'ls-ports-'));
  const claims = join(root, 'claims');
  const unlocks: (() => Promise<void>)[] = [];
  t.after(async () => {
    for (const unlock of unlocks) await unlock();
    await rm(root, { recursive: true, force: true });
  });
  const boot = async (instanceId: string) => {
    const home = join(root, instanceId);
    await mkdir(home, { recursive: true });
    await writeFile(join(home, 'instance'), `${instanceId}\n`);
    const unlock = await lockHome(home);
    unlocks.push(unlock);
    type Options = Partial<Parameters<typeof takeEdgePorts>[0]>;
    const take = (options: Options = {}, kept: Parameters<typeof takeEdgePorts>[2] = {}, edgeRuns = false) =>
      takeEdgePorts({ home, edgeAddress: EDGE_ADDRESS, ...options }, instanceId, kept, edgeRuns, claims);
    return { take, unlock, home };
  };
  return { boot, claims };
}

async function listening(t: TestContext, port: number, address = EDGE_ADDRESS): Promise<number> {
  const server = createServer().listen(port, address);
  await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject));
  t.after(() => server.close());
  const bound = server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : 0;
}

test('servers of one host get ports of their own, though no edge listens yet', async (t) => {
  const { boot, claims } = await openHost(t);
  const servers = await Promise.all(['aaaaaaaa', 'bbbbbbbb', 'cccccccc'].map(boot));
  const pairs = await Promise.all(servers.map(({ take }) => take()));
  assert.equal(new Set(pairs.flatMap(({ httpPort, httpsPort }) => [httpPort, httpsPort])).size, 6);
  const [, second] = servers;
  assert.deepEqual(await second?.take({}, pairs[1]), pairs[1], 'a restart keeps them');
  assert.equal((await readdir(claims)).length, 6);
  await releaseClaims('aaaaaaaa', claims);
  assert.deepEqual(await second?.take({}, pairs[0]), pairs[0], 'what was reset is free');
  assert.equal((await readdir(claims)).length, 4, 'what is no longer used is given back');
});

test('a port of another server is refused where it was asked for, on any address that it is on', async (t) => {
  const { boot } = await openHost(t);
  const [a, b] = [await boot('aaaaaaaa'), await boot('bbbbbbbb')];
  await a.take({ httpPort: 8180, httpsPort: 8543 });
  for (const options of [
    { httpPort: 8180 },
    { httpPort: 8543 },
    { edgeAddress: '0.0.0.0', httpPort: 8180, httpsPort: 8544 },
  ])
    await assert.rejects(b.take(options), (error: Error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(
        error.message,
        /:8\d+ is the edge's of the Longshore in \S+aaaaaaaa: choose another with --http-port/,
      );
      return true;
    });
  await assert.rejects(b.take({ httpsPort: 8180 }), /choose another with --https-port/);
  const elsewhere = { edgeAddress: '127.0.0.78', httpPort: 8180, httpsPort: 8543 };
  assert.deepEqual(await b.take(elsewhere), { httpPort: 8180, httpsPort: 8543 });
  await a.unlock();
  assert.equal((await b.take({ httpPort: 8180 })).httpPort, 8180, 'neither it nor its edge runs');
  await assert.rejects((await boot('aaaaaaaa')).take({ httpPort: 8180 }), /the Longshore in \S+bbbbbbbb/);
});

test('the port that was not asked for stays while the edge runs on it', async (t) => {
  const { take } = await (await openHost(t)).boot('aaaaaaaa');
  const httpsPort = await listening(t, 0);
  assert.deepEqual(await take({ httpPort: 8180 }, { httpPort: 8180, httpsPort }, true), { httpPort: 8180, httpsPort });
  assert.deepEqual(await take({ httpPort: 8181 }, { httpPort: 8180, httpsPort }, true), { httpPort: 8181, httpsPort });
  const other = await take({ httpPort: 8180 }, { httpPort: 8180, httpsPort }, false);
  assert.notEqual(other.httpsPort, httpsPort, 'a stranger has it');
});

test('HTTP and HTTPS never get the same port', async (t) => {
  const { take } = await (await openHost(t)).boot('aaaaaaaa');
  const { httpPort, httpsPort } = await take({ httpPort: 8443 });
  assert.equal(httpPort, 8443);
  assert.notEqual(httpsPort, 8443);
  await assert.rejects(take({ httpPort: 8443, httpsPort: 8443 }), /No two ports are free/);
});
