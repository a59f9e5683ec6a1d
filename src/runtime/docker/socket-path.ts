import { RuntimeError } from '../../kernel/errors.ts';

const DEFAULT_SOCKET_PATH = '/var/run/docker.sock';

/** The engine's unix socket: the path of `DOCKER_HOST=unix://...`, or Docker's default. Other schemes: `rejected`. */
export function dockerSocketPath(environment: Readonly<Record<string, string | undefined>>): string {
  const host = environment['DOCKER_HOST'];
  if (!host) return DEFAULT_SOCKET_PATH;
  const path = host.startsWith('unix://') ? host.slice('unix://'.length) : '';
  if (path.startsWith('/')) return path;
  throw new RuntimeError('rejected', `DOCKER_HOST=${host} is not supported: give a local engine as unix:///path`);
}
