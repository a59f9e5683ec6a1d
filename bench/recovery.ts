import { haproxiesOf } from '../test/harness/host.ts';
import { must } from '../test/harness/run.ts';
import { buildSiteImage } from '../test/harness/site-image.ts';
import { deploySite } from '../test/harness/site.ts';
import type { Site } from '../test/harness/site.ts';
import { alternate, timed } from './measure.ts';
import { printTable } from './report.ts';
import { startServer } from './server.ts';
import { waitUntil } from './site.ts';

const ROUNDS = { warmUps: 1, rounds: 10 };
const IMAGE = `longshore-bench-recovery-${process.pid}:v1`;

/**
 * kill -9 of a whole HAProxy, master and workers, until a page comes through it again over HTTPS: the edge, and that of the
 * VPC behind it, in turn. Nothing stands on the other side; a second is the goal.
 */
export async function recovery(cleanup: AsyncDisposableStack): Promise<void> {
  await buildSiteImage(IMAGE, 'v1');
  cleanup.defer(async () => void (await must('docker', ['image', 'rm', IMAGE])));
  const site = await deploySite(await startServer(cleanup), { name: 'recovery', image: IMAGE });
  await site.steady();
  const samples = await alternate(ROUNDS, {
    edge: () => timed(() => kill(site, true)),
    vpc: () => timed(() => kill(site, false)),
  });
  printTable('kill -9 of HAProxy until it answers', 'ms', [
    { what: 'the edge', samples: samples.edge },
    { what: "the VPC's", samples: samples.vpc },
  ]);
}

async function kill(site: Site, isEdge: boolean): Promise<void> {
  const found = haproxiesOf(site.server.home).find(({ name }) => (name === 'edge') === isEdge);
  if (!found) throw new Error('There is no such HAProxy.');
  for (const pid of [found.master, ...found.workers]) process.kill(pid, 'SIGKILL');
  await waitUntil('a page comes', async () => {
    const page = await site.get().catch(() => undefined);
    return page?.status === 200 || undefined;
  });
}
