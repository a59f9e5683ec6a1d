import { existsSync } from 'node:fs';
import { Command, Option } from 'commander';
import { systemClock } from '../../kernel/clock.ts';
import { CliError } from '../cli-error.ts';
import { type Home, type ServerState, homeAt, homeFlag } from '../home.ts';
import { type ServerFlags, launchServer, startServer, waitUntilReady } from '../server-launch.ts';
import { runningServer } from '../server-process.ts';
import { homeOption, portText } from './options.ts';

type UpOptions = ServerFlags & { readonly home?: string; readonly detach?: boolean };

const EXAMPLES = `
Every option but --detach is also read from the environment: LONGSHORE_PORT, LONGSHORE_HTTP_PORT, ...

Examples:
  longshore up                                    in the foreground; Ctrl-C stops the server, tasks run on
  longshore up --detach && eval "$(longshore env)"
  longshore up --http-port 8080 --https-port 8443
  longshore up --auth permissive                  an emulator for tests: any key acts as root`;

export function upCommand(): Command {
  return new Command('up')
    .description('Start the server.')
    .option('-d, --detach', 'go on in the background once it is ready')
    .addOption(homeOption())
    .option('--port <port>', "the AWS endpoint's port (default: 4566)", portText)
    .option('--address <ip>', "the AWS endpoint's address (default: 127.0.0.1)")
    .option('--account <id>', 'twelve digits (default: 123456789012)')
    .option('--region <name>', 'default region (default: us-east-1)')
    .addOption(new Option('--auth <mode>', 'whether signatures are checked').choices(['strict', 'permissive']))
    .option('--edge-address <ip>', 'where load balancers are published (default: 127.0.0.1)')
    .option('--http-port <port>', "the edge's HTTP port (default: 80, 8080 or a free one)", portText)
    .option('--https-port <port>', "the edge's HTTPS port (default: 443, 8443 or a free one)", portText)
    .option('--docker <url>', "the engine's socket (default: unix:///var/run/docker.sock)")
    .option('--domain <name>', 'load balancers get their names below it (default: localhost)')
    .option('--transit-cidr <cidr>', 'private to this host, joins VPCs to it (default: a free /18 of 198.19.0.0/16)')
    .option('--public-cidr <cidr>', 'stands for public addresses on this host (default: a free /18 of 198.18.0.0/16)')
    .option('--stopped-task-retention-seconds <n>', 'how long stopped tasks are shown (default: 3600)')
    .option('--trail-retention-days <n>', 'how long LookupEvents knows an event (default: 90)')
    .option('--load-balancer-log-seconds <n>', 'how often load balancers deliver their logs (default: 300)')
    .option('--trail-delivery-seconds <n>', 'how often trails deliver log files (default: 300)')
    .option('--trail-digest-seconds <n>', 'how often trails deliver digests (default: 3600)')
    .option('--lifecycle-interval-seconds <n>', 'how often ECR evaluates lifecycle policies (default: 21600)')
    .addOption(
      new Option(
        '--lifecycle-spares-images-in-use <bool>',
        'whether they leave alone what ECS runs, or may run by an active task definition (default: false, as AWS)',
      ).choices(['true', 'false']),
    )
    .option('--trivy <path>', 'the program that scans images for ECR (default: trivy, if it is on the PATH)')
    .option('--replication-targets <file>', 'other registries that ECR replicates to: docs/how-to/replicate-images.md')
    .option(
      '--acme-directory <url>',
      'the ACME directory that certifies public names (default: the built-in authority)',
    )
    .option('--acme-email <address>', 'where it may write to')
    .option('--acme-ca <file>', 'certificates to trust for it: of a private ACME server')
    .option(
      '--deployment-hook-hosts <list>',
      'hosts that lifecycle hooks may call: docs/how-to/deployment-hooks.md (default: none)',
    )
    .addOption(
      new Option(
        '--managed-scaling-seconds <n>',
        'how often capacity providers are measured: docs/how-to/capacity-providers.md (default: 60, as AWS)',
      ).choices(['10', '30', '60']),
    )
    .option('--managed-scale-in-periods <n>', 'for so many of these, instances are free before they go (default: 15)')
    .option('--client-locations <file>', 'where clients of the DNS server are: docs/how-to/route-by-place.md')
    .addOption(new Option('--log-format <format>').choices(['text', 'json']))
    .addOption(new Option('--log-level <level>').choices(['debug', 'info', 'warn', 'error']))
    .addHelpText('after', EXAMPLES)
    .action(up);
}

async function up(options: UpOptions): Promise<void> {
  const home = homeAt(options.home);
  const running = runningServer(home);
  if (running && options.detach) return print(`Longshore runs already.\n${summary(home, running)}`);
  if (running) {
    throw new CliError(`a server runs already for ${home.path} (process ${running.pid})`, {
      hint: 'stop it with: longshore down',
    });
  }
  const flags = serverFlags(options);
  if (!options.detach) return runInForeground(home, launchServer(home, flags, 'terminal'));
  const { state, child } = await startServer(home, flags, systemClock);
  child.unref();
  print(`Longshore is up.\n${summary(home, state)}`);
}

async function runInForeground(home: Home, child: ReturnType<typeof launchServer>): Promise<void> {
  const ended = new Promise<number>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGTERM' ? 0 : 1)));
  });
  const stop = () => child.kill('SIGTERM');
  process.on('SIGINT', stop).on('SIGTERM', stop).on('SIGHUP', stop);
  try {
    print(`\n${summary(home, await waitUntilReady(home, child, systemClock))}\n`);
  } catch (error) {
    stop();
    await ended;
    throw error;
  }
  process.exitCode = await ended;
}

/** The server's flags have the same names as ours, in commander's camel case here. */
export function serverFlags(options: Readonly<Record<string, unknown>>): ServerFlags {
  return Object.fromEntries(
    Object.entries(options)
      .filter(([name, value]) => name !== 'home' && typeof value === 'string')
      .map(([name, value]) => [name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`), String(value)]),
  );
}

export function summary(home: Home, state: ServerState): string {
  const { address, httpPort, httpsPort } = state.edge;
  const ca = existsSync(home.caFile) ? home.caFile : `${home.caFile} (missing)`;
  return [
    `  endpoint   ${state.endpoint}   account ${state.account}, region ${state.region}`,
    `  edge       http://${address}:${httpPort}   https://${address}:${httpsPort}`,
    `  CA         ${ca}`,
    `  data       ${home.path}`,
    `  next       eval "$(longshore env${homeFlag(home)})"`,
  ].join('\n');
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
