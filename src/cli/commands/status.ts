import { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { homeAt, readCredentials } from '../home.ts';
import { healthOf, requireServer } from '../server-process.ts';
import { homeOption } from './options.ts';

const EXAMPLES = `
Examples:
  longshore status
  longshore status --region eu-west-1 --json`;

interface StatusOptions {
  readonly home?: string;
  readonly region?: string;
  readonly json?: boolean;
}

export function statusCommand(): Command {
  return new Command('status')
    .description('Show the server, and the services, tasks and load balancers it runs.')
    .addOption(homeOption())
    .option('--region <name>', "look there (default: the server's own region)")
    .option('--json', 'as one JSON document')
    .addHelpText('after', EXAMPLES)
    .action(status);
}

async function status(options: StatusOptions): Promise<void> {
  const home = homeAt(options.home);
  const state = requireServer(home);
  const health = await healthOf(state.endpoint);
  if (!health) {
    throw new CliError(`the server (process ${state.pid}) does not answer at ${state.endpoint}`, {
      hint: `look at ${home.logFile}`,
    });
  }
  const server = { ...state, region: options.region ?? state.region };
  // Loaded here: the clients take a third of a second that other commands need not pay.
  const [{ clientsFor, closeClients }, { inventoryOf }, { formatStatus }] = await Promise.all([
    import('../clients.ts'),
    import('../status/inventory.ts'),
    import('../status/format.ts'),
  ]);
  const clients = clientsFor(server, readCredentials(home));
  try {
    const inventory = await inventoryOf(clients);
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ server, health, ...inventory }, null, 2)}\n`
        : `${formatStatus(home, server, health, inventory)}\n`,
    );
  } finally {
    closeClients(clients);
  }
}
