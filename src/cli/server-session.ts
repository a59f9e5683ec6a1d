import { CliError } from './cli-error.ts';
import type { Clients } from './clients.ts';
import { homeAt, readCredentials } from './home.ts';
import type { Home, ServerState } from './home.ts';
import { requireServer } from './server-process.ts';

export interface ServerSession {
  readonly home: Home;
  readonly server: ServerState;
  readonly clients: Clients;
}

/**
 * Calls the running server as its root user, and closes the connections afterwards.
 * @throws CliError also for what the server refuses, in its own words
 */
export async function withServer<T>(
  options: { readonly home?: string; readonly region?: string },
  run: (session: ServerSession) => Promise<T>,
): Promise<T> {
  const home = homeAt(options.home);
  const state = requireServer(home);
  const server = { ...state, region: options.region ?? state.region };
  // Loaded here: the clients take a third of a second that other commands need not pay.
  const { clientsFor, closeClients } = await import('./clients.ts');
  const clients = clientsFor(server, readCredentials(home));
  try {
    return await run({ home, server, clients });
  } catch (error) {
    throw isRefusal(error) ? new CliError(error.message, { cause: error }) : error;
  } finally {
    closeClients(clients);
  }
}

/** The SDK's own mark on what a service answered: a connection that breaks has none. */
function isRefusal(error: unknown): error is Error {
  return error instanceof Error && '$fault' in error;
}
