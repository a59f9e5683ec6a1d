import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListCertificatesCommand } from '@aws-sdk/client-acm';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeVpcsCommand } from '@aws-sdk/client-ec2';
import { DescribeRepositoriesCommand } from '@aws-sdk/client-ecr';
import { ListClustersCommand } from '@aws-sdk/client-ecs';
import { DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ListHostedZonesCommand } from '@aws-sdk/client-route-53';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { Longshore } from '../test/harness/longshore.ts';
import { run } from '../test/harness/run.ts';
import { buildSiteImage } from '../test/harness/site-image.ts';
import { bareServerArgs } from './bare-server.ts';
import { alternate, timed } from './measure.ts';
import { printTable } from './report.ts';
import { residentMb, serverOptions } from './server.ts';
import { Site } from './site.ts';
import type { Clients } from './site.ts';

const MAIN = join(import.meta.dirname, '../src/server/main.ts');
const ROUNDS = { warmUps: 1, rounds: 8 };
const POLL_MS = 2;

interface Started {
  readonly pid: number;
  readonly readyMs: number;
  readonly readyMb: number;
}

/** One process after another, and the homes they were given. */
class Starts implements AsyncDisposable {
  #child: ChildProcess | undefined;
  readonly #homes: string[] = [];

  async newHome(): Promise<string> {
    const home = await mkdtemp(join(tmpdir(), 'ls-bench-home-'));
    this.#homes.push(home);
    return home;
  }

  async ready(args: readonly string[], port: number): Promise<Started> {
    const beganAt = performance.now();
    const child = spawn(process.execPath, [...args], { stdio: ['ignore', 'ignore', 'inherit'] });
    this.#child = child;
    while ((await statusOf(port)) !== 200) {
      if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}.`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    const readyMs = performance.now() - beganAt;
    const pid = child.pid ?? 0;
    return { pid, readyMs, readyMb: await residentMb(pid) };
  }

  async end(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }

  async removeHomes(): Promise<void> {
    for (const home of this.#homes.splice(0)) {
      await run(process.execPath, [MAIN, 'reset', '--home', home]);
      await rm(home, { recursive: true, force: true });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
    await this.removeHomes();
  }
}

/**
 * From spawn to the first answer of 200, and the memory then: of a server with a new home, of one that finds two running
 * tasks, and of a Node process that does nothing but answer.
 */
export async function startUp(cleanup: AsyncDisposableStack): Promise<void> {
  const site = await Site.open(cleanup, { build: (tag) => buildSiteImage(tag) });
  const kept = site.server;
  await Promise.all([site.run(), site.run()]);
  await kept.stop();
  const started = new Starts();
  cleanup.use(started);
  const memory = { bare: [] as number[], fresh: [] as number[], tasks: [] as number[], called: [] as number[] };
  const firstCalls: number[] = [];
  const measured = await alternate(ROUNDS, {
    async bare() {
      const { readyMs, readyMb } = await started.ready(bareServerArgs(kept.port), kept.port);
      memory.bare.push(readyMb);
      await started.end();
      return readyMs;
    },
    async fresh() {
      const home = await started.newHome();
      const { readyMs, readyMb } = await started.ready(serverArgs(kept, home), kept.port);
      memory.fresh.push(readyMb);
      await started.end();
      await started.removeHomes();
      return readyMs;
    },
    async tasks() {
      const { pid, readyMs, readyMb } = await started.ready(serverArgs(kept, kept.home), kept.port);
      memory.tasks.push(readyMb);
      firstCalls.push(await timed(() => callEachService(site.clients)));
      memory.called.push(await residentMb(pid));
      await started.end();
      return readyMs;
    },
  });
  printTable('From spawn to ready', 'ms', [
    { what: 'bare Node server', samples: measured.bare },
    { what: 'Longshore, new home', samples: measured.fresh, against: measured.bare },
    { what: 'Longshore, 2 tasks running', samples: measured.tasks, against: measured.bare },
    { what: 'then the first call of each of 8 services', samples: counted(firstCalls) },
  ]);
  printTable('Resident memory', 'MB', [
    { what: 'bare Node server', samples: counted(memory.bare) },
    { what: 'Longshore, new home', samples: counted(memory.fresh), against: counted(memory.bare) },
    { what: 'Longshore, 2 tasks running', samples: counted(memory.tasks), against: counted(memory.bare) },
    { what: 'after a call of each service', samples: counted(memory.called), against: counted(memory.bare) },
  ]);
}

/** Without the warm-up. */
function counted(samples: readonly number[]): readonly number[] {
  return samples.slice(ROUNDS.warmUps);
}

function serverArgs({ port, httpPort, httpsPort }: Longshore, home: string): string[] {
  const ports = ['--port', String(port), '--http-port', String(httpPort), '--https-port', String(httpsPort)];
  return [MAIN, '--home', home, ...ports, ...serverOptions()];
}

/** A connection each time: one that was kept could be to the server before. Undefined while nothing listens. */
function statusOf(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, path: '/_longshore/health', agent: false }, (answer) => {
      answer.resume().once('close', () => resolve(answer.statusCode));
    });
    asked.once('error', () => resolve(undefined));
    asked.end();
  });
}

/** The server loads the schema of a service when it is first asked for. */
async function callEachService(clients: Clients): Promise<void> {
  await clients.acm.send(new ListCertificatesCommand());
  await clients.ec2.send(new DescribeVpcsCommand());
  await clients.ecr.send(new DescribeRepositoriesCommand());
  await clients.ecs.send(new ListClustersCommand());
  await clients.elbv2.send(new DescribeLoadBalancersCommand());
  await clients.logs.send(new DescribeLogGroupsCommand());
  await clients.route53.send(new ListHostedZonesCommand());
  await clients.sts.send(new GetCallerIdentityCommand());
}
