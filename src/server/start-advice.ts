import { RuntimeError } from '../kernel/errors.ts';
import { ConfigError } from './config.ts';
import { HomeInUse } from './home.ts';

/** What the operator can mend about a start that failed; undefined for anything else, which is shown whole. */
export function startAdvice(error: unknown): string | undefined {
  if (error instanceof ConfigError || error instanceof HomeInUse) return error.message;
  if (error instanceof RuntimeError && error.kind === 'temporary' && error.message.startsWith('The Docker engine')) {
    return `${error.message}. Start it, or name another's socket with --docker.`;
  }
  if (!(error instanceof Error) || !('syscall' in error) || error.syscall !== 'listen') return undefined;
  const { code, address, port } = error as NodeJS.ErrnoException & {
    readonly address?: string;
    readonly port?: number;
  };
  switch (code) {
    case 'EADDRINUSE':
      return `${address}:${port} is taken by another program: choose another with --port.`;
    case 'EADDRNOTAVAIL':
      return `This machine does not have the address ${address}: choose one of its own with --address.`;
    case 'EACCES':
      return `${address}:${port} may not be listened on: choose a --port above 1023.`;
    default:
      return undefined;
  }
}
