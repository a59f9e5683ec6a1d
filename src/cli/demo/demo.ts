import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Listr, type ListrTask, PRESET_TIMER } from 'listr2';
import { systemClock } from '../../kernel/clock.ts';
import { CliError, Interrupted } from '../cli-error.ts';
import { closeClients } from '../clients.ts';
import type { DemoOptions } from './options.ts';
import { type Home, homeAt, homeFlag } from '../home.ts';
import { logTail } from '../server-launch.ts';
import { stopServer } from '../server-process.ts';
import { removalSteps } from './removal.ts';
import { openServer } from './server.ts';
import { must, openSession } from './session.ts';
import { EC2_SITE, FARGATE_SITE } from './site.ts';
import {
  type Walk,
  deploymentOf,
  ec2Steps,
  ec2StepsWithChecks,
  fargateSteps,
  scalingSteps,
  scalingStepsWithChecks,
} from './steps.ts';
import { formatSummary, siteUrl } from './summary.ts';

/** The whole walk. @throws CliError when a step or a check fails; what it started is stopped first. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    await (options.once ? runOnce(options, stop.signal) : runAndStay(options, stop.signal));
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

async function runAndStay(options: DemoOptions, signal: AbortSignal): Promise<void> {
  const home = homeAt(options.home);
  const walk: Walk = { deployments: {} };
  try {
    await walkSteps([serverStep(home, options, signal), ...fargateSteps(signal)], walk);
    const { state, isOurs, child } = must(walk.server, 'a server');
    print(formatSummary(home, state, FARGATE_SITE, deploymentOf(walk, FARGATE_SITE)));
    await walkSteps(ec2Steps, walk);
    print(formatSummary(home, state, EC2_SITE, deploymentOf(walk, EC2_SITE)));
    await walkSteps(scalingSteps, walk);
    if (!isOurs) return print('  The server was running before, and goes on.');
    print('  Up until Ctrl-C.');
    await untilAborted(home, signal, child);
  } catch (error) {
    throw signal.aborted ? new Interrupted() : error;
  } finally {
    if (walk.session) closeClients(walk.session.clients);
    if (walk.server?.isOurs) {
      await stopServer(home, systemClock);
      print(
        '\n  The server is stopped. Its tasks run on: longshore up finds them again, longshore reset removes them.',
      );
    }
  }
}

/** Everything is removed whether the walk succeeds or not; the first failure is the one that is told. */
async function runOnce(options: DemoOptions, signal: AbortSignal): Promise<void> {
  const home = homeAt(options.home ?? mkdtempSync(join(tmpdir(), 'longshore-demo-')));
  const isNew = !existsSync(home.credentialsFile);
  const walk: Walk = { deployments: {} };
  const failures: unknown[] = [];
  await walkAndDelete([serverStep(home, options, signal), ...fargateSteps(signal)], walk).catch((error: unknown) => {
    const tail = logTail(home);
    if (tail && !signal.aborted) process.stderr.write(`\nThe end of the server's log:\n${tail}\n\n`);
    failures.push(signal.aborted ? new Interrupted() : error);
  });
  if (walk.session) closeClients(walk.session.clients);
  await walkSteps(removalSteps(home, isNew), walk).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
  print('\n  Everything works, and nothing is left.');
}

function serverStep(home: Home, options: DemoOptions, signal: AbortSignal): ListrTask<Walk> {
  return {
    title: 'Start Longshore',
    task: async (walk, task) => {
      const server = await openServer(home, options, signal);
      walk.server = server;
      const { state } = server;
      walk.session = openSession(home, state, systemClock, signal);
      task.title = server.isOurs ? `Start Longshore: ${state.endpoint}` : `Longshore runs already: ${state.endpoint}`;
    },
  };
}

async function walkAndDelete(firstSteps: readonly ListrTask<Walk>[], walk: Walk): Promise<void> {
  await walkSteps(firstSteps, walk);
  const { state } = must(walk.server, 'a server');
  print(`\n  ${siteUrl(state, FARGATE_SITE)}\n`);
  await walkSteps(ec2StepsWithChecks, walk);
  print(`\n  ${siteUrl(state, EC2_SITE)}\n`);
  await walkSteps(scalingStepsWithChecks, walk);
}

/** Shows each step and how long it took; plain lines where there is no terminal. */
async function walkSteps(steps: readonly ListrTask<Walk>[], walk: Walk): Promise<void> {
  const list = new Listr<Walk>([...steps], {
    ctx: walk,
    registerSignalListeners: false,
    fallbackRenderer: 'simple',
    rendererOptions: { timer: PRESET_TIMER, collapseSubtasks: false },
    fallbackRendererOptions: { timer: PRESET_TIMER },
  });
  await list.run();
}

/** Until Ctrl-C. @throws CliError when the server ends before */
async function untilAborted(home: Home, signal: AbortSignal, server: ChildProcess | undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    server?.once('exit', () => {
      if (!signal.aborted)
        reject(
          new CliError('the server has ended', {
            hint: `look at ${home.logFile}; its tasks go on; start it: longshore up --detach${homeFlag(home)}`,
          }),
        );
    });
    if (signal.aborted) resolve();
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
