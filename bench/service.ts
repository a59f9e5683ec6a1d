import { CreateServiceCommand, DeleteServiceCommand, DescribeServicesCommand } from '@aws-sdk/client-ecs';
import { containersOf } from '../test/harness/host.ts';
import { buildSiteImage } from '../test/harness/site-image.ts';
import { alternate, median, timed } from './measure.ts';
import { printTable, say } from './report.ts';
import { CLUSTER, Site, waitUntil } from './site.ts';
import { SwarmEngine } from './swarm-engine.ts';

const ROUNDS = { warmUps: 1, rounds: 5 };
const TASKS = 20;
const NAME = 'bench';
/** Seldom enough to cost neither side anything. */
const POLL_MS = 50;

/**
 * A service of 20 tasks, each in a network interface of its own, until its deployment is completed; against 20 replicas
 * of the same image on an engine in swarm mode, until each is running. Both are asked every 50 ms.
 */
export async function service(cleanup: AsyncDisposableStack): Promise<void> {
  const site = await Site.open(cleanup, { build: (tag) => buildSiteImage(tag) });
  const swarm = await SwarmEngine.start(cleanup);
  await swarm.load(site.image);
  // A task that stays, as in the bench `tasks`: the network of a VPC goes with its last one.
  await site.run();
  const seconds = await alternate(ROUNDS, {
    async swarm() {
      const ms = await timed(() => replicate(swarm, site.image));
      await swarm.docker(['service', 'rm', NAME]);
      await waitUntil('Swarm has no containers', async () => (await swarm.get(CONTAINERS)).length === 0 || undefined);
      return ms / 1000;
    },
    async ours() {
      const ms = await timed(() => create(site));
      await remove(site);
      return ms / 1000;
    },
  });
  printTable(`A service of ${TASKS} tasks`, 's', [
    { what: `docker service create --replicas ${TASKS}`, samples: seconds.swarm },
    { what: 'CreateService to steady', samples: seconds.ours, against: seconds.swarm },
  ]);
  const pairs = seconds.ours.map((one, round) => one / (seconds.swarm[round] ?? Number.NaN));
  say(`Service against Swarm, the median of ${pairs.length} pairs: ${median(pairs).toFixed(2)}`);
}

const CONTAINERS = '/containers/json?all=true';

/** `--detach`: the client would watch for five seconds more. */
async function replicate(swarm: SwarmEngine, image: string): Promise<void> {
  const options = ['--detach', '--quiet', '--no-resolve-image', '--name', NAME, '--replicas', String(TASKS)];
  await swarm.docker(['service', 'create', ...options, image]);
  const path = `/tasks?filters=${encodeURIComponent(JSON.stringify({ service: [NAME] }))}`;
  await waitUntil(
    'all replicas run',
    async () => {
      const tasks: { Status: { State: string } }[] = await swarm.get(path);
      return tasks.filter((task) => task.Status.State === 'running').length === TASKS || undefined;
    },
    POLL_MS,
  );
}

async function create({ clients, subnetIds }: Site): Promise<void> {
  await clients.ecs.send(
    new CreateServiceCommand({
      cluster: CLUSTER,
      serviceName: NAME,
      taskDefinition: 'bench',
      desiredCount: TASKS,
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: subnetIds.slice(0, 2) } },
    }),
  );
  await waitUntil(
    'the service is steady',
    async () => {
      const command = new DescribeServicesCommand({ cluster: CLUSTER, services: [NAME] });
      const found = (await clients.ecs.send(command)).services?.[0];
      const isSteady = found?.runningCount === TASKS && found.deployments?.[0]?.rolloutState === 'COMPLETED';
      return isSteady || undefined;
    },
    POLL_MS,
  );
}

/** Until docker has nothing of its tasks either: the one that stays has two containers. */
async function remove({ clients, server }: Site): Promise<void> {
  await clients.ecs.send(new DeleteServiceCommand({ cluster: CLUSTER, service: NAME, force: true }));
  const instance = await server.instanceId();
  await waitUntil('only the task that stays has containers', async () => {
    return (await containersOf(instance)).length === 2 || undefined;
  });
}
