import type { Task } from '@aws-sdk/client-ecs';
import { must, run } from '../test/harness/run.ts';
import { buildSiteImage } from '../test/harness/site-image.ts';
import { EngineEvents } from './engine-events.ts';
import { alternate, timed } from './measure.ts';
import { printTable, say } from './report.ts';
import { residentMb } from './server.ts';
import { Site } from './site.ts';
import { phasesOf } from './task-phases.ts';
import type { Phases } from './task-phases.ts';

const ROUNDS = { warmUps: 2, rounds: 12 };
const BURST_ROUNDS = { warmUps: 0, rounds: 3 };
const BURST = 10;

/** Tasks on the engine through the API, against containers of the same image on the same engine through docker. */
export async function tasks(cleanup: AsyncDisposableStack): Promise<void> {
  const site = await Site.open(cleanup, { build: (tag) => buildSiteImage(tag), logLevel: 'debug' });
  const docker = new DockerSide(site.image, await site.server.instanceId());
  cleanup.defer(() => docker.removeAll());
  await firstOfVpc(site);
  // A task that stays: with the last one of a VPC its network goes, and would be made again by the next.
  await site.run();
  await oneAfterAnother(site, docker, cleanup);
  await allAtOnce(site, docker);
}

/** The network of the VPC is made with its first interface. */
async function firstOfVpc(site: Site): Promise<void> {
  const samples: number[] = [];
  for (let round = 0; round < 3; round++) {
    let task: Task | undefined;
    samples.push(await timed(async () => (task = await site.run())));
    if (task) await site.stop(task);
    if (task) await site.gone(task);
  }
  printTable('The first task of a VPC', 'ms', [{ what: 'RunTask to RUNNING', samples }]);
}

async function oneAfterAnother(site: Site, docker: DockerSide, cleanup: AsyncDisposableStack): Promise<void> {
  const { server } = site;
  const events = new EngineEvents(await server.instanceId());
  cleanup.defer(() => events.close());
  const stops = { task: [] as number[], docker: [] as number[] };
  const phases: Phases[] = [];
  const started = await alternate(ROUNDS, {
    async docker() {
      const ms = await timed(() => docker.run());
      stops.docker.push(await timed(() => docker.stop()));
      await docker.removeAll();
      return ms;
    },
    async dockerLimited() {
      // As a task of 256 CPU units is: the quarter of a CPU holds for the start of the container too.
      const ms = await timed(() => docker.run(['--cpus', '0.25', '--memory', '512m']));
      await docker.removeAll();
      return ms;
    },
    async task() {
      const beganAtMs = Date.now();
      let task: Task = {};
      const ms = await timed(async () => (task = await site.run()));
      phases.push(phasesOf(task, { log: server.log, events: events.all, beganAtMs, endedAtMs: Date.now() }));
      stops.task.push(await timed(() => site.stop(task)));
      await site.gone(task);
      return ms;
    },
  });
  const stopped = { task: stops.task.slice(ROUNDS.warmUps), docker: stops.docker.slice(ROUNDS.warmUps) };
  printTable('One after another', 'ms', [
    { what: 'docker run -d', samples: started.docker },
    { what: 'docker run -d --cpus 0.25 --memory 512m', samples: started.dockerLimited, against: started.docker },
    { what: 'RunTask to RUNNING', samples: started.task, against: started.docker },
    { what: 'docker stop', samples: stopped.docker },
    { what: 'StopTask to STOPPED', samples: stopped.task, against: stopped.docker },
  ]);
  const counted = phases.slice(ROUNDS.warmUps);
  const names = Object.keys(counted[0] ?? {}) as (keyof Phases)[];
  printTable(
    'Of RunTask to RUNNING, since the call',
    'ms',
    names.map((name) => ({ what: name, samples: counted.map((one) => one[name]) })),
  );
}

async function allAtOnce(site: Site, docker: DockerSide): Promise<void> {
  const memory: number[] = [];
  const stops = { task: [] as number[], docker: [] as number[] };
  const numbers = Array.from({ length: BURST }, (_, index) => index);
  const started = await alternate(BURST_ROUNDS, {
    async docker() {
      const ms = await timed(() => Promise.all(numbers.map(() => docker.run())));
      stops.docker.push(await timed(() => docker.stop()));
      await docker.removeAll();
      return ms;
    },
    async task() {
      const before = await residentMb(site.server.pid);
      let running: Task[] = [];
      const ms = await timed(async () => (running = await Promise.all(numbers.map(() => site.run()))));
      memory.push(((await residentMb(site.server.pid)) - before) / BURST);
      stops.task.push(await timed(() => Promise.all(running.map((task) => site.stop(task)))));
      await Promise.all(running.map((task) => site.gone(task)));
      return ms;
    },
  });
  printTable(`${BURST} at once`, 'ms', [
    { what: `${BURST} x docker run -d`, samples: started.docker },
    { what: `${BURST} x RunTask to RUNNING`, samples: started.task, against: started.docker },
    { what: `docker stop of ${BURST}`, samples: stops.docker },
    { what: `${BURST} x StopTask to STOPPED`, samples: stops.task, against: stops.docker },
  ]);
  printTable('Memory of the server for each running task', 'MB', [
    { what: 'growth of its resident memory', samples: memory },
  ]);
  say('(the first round has the most: what it leaves behind for the collector is used again by the next)');
}

/** Plain containers, found again by their label. */
class DockerSide {
  readonly #image: string;
  readonly #label: string;

  constructor(image: string, instanceId: string) {
    this.#image = image;
    this.#label = `longshore.bench=${instanceId}`;
  }

  async run(options: readonly string[] = []): Promise<void> {
    await must('docker', ['run', '--detach', '--label', this.#label, ...options, this.#image]);
  }

  /** All at once, as the docker CLI does. */
  async stop(): Promise<void> {
    await must('docker', ['stop', ...(await this.#ids())]);
  }

  async removeAll(): Promise<void> {
    const ids = await this.#ids();
    if (ids.length > 0) await run('docker', ['rm', '--force', ...ids]);
  }

  async #ids(): Promise<string[]> {
    const ids = await must('docker', ['ps', '--all', '--quiet', '--filter', `label=${this.#label}`]);
    return ids.split('\n').filter((id) => id !== '');
  }
}
