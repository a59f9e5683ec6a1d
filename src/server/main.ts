import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import { systemIds } from '../kernel/ids.ts';
import { createLog } from '../kernel/log.ts';
import { ConfigError, readConfig } from './config.ts';
import type { Config } from './config.ts';
import { withKeptEngine } from './engine-socket.ts';
import { lockHome } from './home.ts';
import { clearHost } from './reset.ts';
import { LongshoreServer } from './server.ts';
import { startAdvice } from './start-advice.ts';

/** `main.ts [--option value ...]` serves until SIGTERM or SIGINT; `main.ts reset --home DIR` removes a stopped server. */
async function main(args: readonly string[]): Promise<void> {
  const isReset = args[0] === 'reset';
  const config = isReset ? await resetConfig(args.slice(1)) : readConfig(args, process.env);
  const log = createLog({
    level: config.logLevel,
    format: config.logFormat,
    now: () => systemClock.now(),
    write: (line) => process.stdout.write(line),
  });
  const parts = { clock: systemClock, ids: systemIds, log };
  if (isReset) return reset(config, parts);
  process.umask(0o077);
  // Listened to before anybody can know that the server runs.
  const asked = new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
  const server = await LongshoreServer.start(config, parts);
  const status = server.status();
  if (config.auth === 'permissive') {
    log.warn('PERMISSIVE: any access key acts as root. Use this as an emulator only, never where others can reach it.');
  }
  log.info('Longshore is ready', {
    endpoint: status.endpoint,
    account: status.account,
    region: status.region,
    https: `${status.edge.address}:${status.edge.httpsPort}`,
    home: config.home,
  });
  await asked;
  log.info('stopping; tasks and load balancers go on');
  await server.stop();
}

async function resetConfig(args: readonly string[]): Promise<Config> {
  const { home } = readConfig(args, process.env);
  return readConfig(args, await withKeptEngine(home, process.env));
}

async function reset(config: Config, parts: Parameters<typeof LongshoreServer.start>[1]): Promise<void> {
  const instance = join(config.home, 'instance');
  if (!existsSync(instance)) throw new ConfigError(`${config.home} is not the data folder of a Longshore server.`);
  await lockHome(config.home);
  await clearHost(config, (await readFile(instance, 'utf8')).trim(), parts.clock, parts.log);
  await rm(config.home, { recursive: true, force: true });
}

try {
  await main(process.argv.slice(2));
  process.exit(0);
} catch (error) {
  const advice = startAdvice(error);
  const whole = error instanceof Error ? error.stack : undefined;
  process.stderr.write(`longshore: ${advice ?? whole ?? messageOf(error)}\n`);
  process.exit(advice === undefined ? 1 : 2);
}
