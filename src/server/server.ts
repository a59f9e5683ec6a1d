import { readdir, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HttpServer, json } from '../gateway/http-server.ts';
import type { HttpRoutes } from '../gateway/http-server.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import { splitTarget } from '../wire/raw-request.ts';
import type { RawRequest, RawResponse } from '../wire/raw-request.ts';
import type { Config } from './config.ts';
import { compose } from './composition.ts';
import type { Composition } from './composition.ts';
import { keepEngine } from './engine-socket.ts';
import type { Environment } from './environment.ts';
import { lockHome, openHome, writeWhole } from './home.ts';
import type { Home } from './home.ts';
import { KEPT_FILES, clearHost } from './reset.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

interface Parts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** What acts on the host. */
interface Below {
  readonly compose: (env: Environment) => Promise<Composition>;
  readonly clearHost: typeof clearHost;
}

/** A running Longshore: config -> construct -> listen -> stop. */
export class LongshoreServer {
  readonly #config: Config;
  readonly #home: Home;
  readonly #parts: Parts;
  readonly #http: HttpServer;
  readonly #unlock: () => Promise<void>;
  readonly #below: Below;
  readonly #startedAt: string;
  #composition: Composition | undefined;
  #endpoint = '';
  /** Until then nothing is reset: half of what there is has no name here yet. */
  #isStarted = false;
  /** Whether all is as new. */
  #resetting: Promise<boolean> | undefined;

  private constructor(config: Config, home: Home, parts: Parts, unlock: () => Promise<void>, below: Below) {
    this.#config = config;
    this.#home = home;
    this.#parts = parts;
    this.#unlock = unlock;
    this.#below = below;
    this.#startedAt = new Date(parts.clock.now()).toISOString();
    this.#http = new HttpServer(() => this.#routes(), parts.log);
  }

  /** Resolves when it answers. */
  static async start(config: Config, parts: Parts, below: Below = { compose, clearHost }): Promise<LongshoreServer> {
    const unlock = await lockHome(config.home);
    const home = await openHome(config.home, parts.ids, config.account);
    const server = new LongshoreServer(config, home, parts, unlock, below);
    await server.#start();
    return server;
  }

  get endpoint(): string {
    return this.#endpoint;
  }

  /** What `server.json` says and `/_longshore/health` answers. */
  status() {
    const { account, region, auth } = this.#config;
    const edge = this.#composition?.host.edge;
    return {
      status: this.#resetting ? 'resetting' : 'ok',
      version,
      pid: process.pid,
      instanceId: this.#home.instanceId,
      endpoint: this.#endpoint,
      account,
      region,
      auth,
      edge: { address: edge?.bindAddress, httpPort: edge?.httpPort, httpsPort: edge?.httpsPort },
    };
  }

  /** Graceful: running requests end; tasks, networks and load balancers go on. */
  async stop(): Promise<void> {
    await this.#http.close();
    await this.#resetting;
    await this.#close();
    await rm(join(this.#home.path, 'server.json'), { force: true });
    await this.#unlock();
  }

  async #start(): Promise<void> {
    const config = this.#config;
    const bound = await this.#http.listen(config.port, config.address);
    // Bound to every address, it is told to clients by one that they can reach from here.
    const reached = ['0.0.0.0', '::'].includes(config.address) ? '127.0.0.1' : config.address;
    const host = reached.includes(':') ? `[${reached}]` : reached;
    this.#endpoint = `http://${host}:${bound}`;
    await this.#open();
    this.#isStarted = true;
  }

  async #open(): Promise<void> {
    const composition = await this.#below.compose({
      config: this.#config,
      home: this.#home,
      endpoint: this.#endpoint,
      registryHost: this.#endpoint.replace('http://', ''),
      ...this.#parts,
    });
    this.#composition = composition;
    // The engine has answered, and has no container yet.
    await keepEngine(this.#home.path, this.#config.dockerSocket);
    await composition.driver.start();
    const state = { ...this.status(), status: 'ok', startedAt: this.#startedAt };
    await writeWhole(join(this.#home.path, 'server.json'), `${JSON.stringify(state, null, 2)}\n`);
  }

  #routes(): HttpRoutes {
    const own: HttpRoutes['own'] = (request, sourceIp) => this.#own(request, sourceIp);
    const composition = this.#resetting ? undefined : this.#composition;
    if (composition) return { ...composition.routes, own };
    return { own, api: async () => STARTING, stream: () => undefined };
  }

  async #own(request: RawRequest, sourceIp: string): Promise<RawResponse | undefined> {
    const called = `${request.method} ${splitTarget(request.rawUrl).path}`;
    if (called === 'GET /_longshore/health') {
      return json(this.#composition && !this.#resetting ? 200 : 503, this.status());
    }
    if (called === 'POST /_longshore/reset' && this.#config.auth === 'permissive') {
      if (!this.#isStarted) return STARTING;
      return (await (this.#resetting ??= this.#reset()))
        ? json(200, { status: 'ok' })
        : json(500, {
            status: 'failed',
            message: 'The reset failed, and the log says why. Ask again for the rest of it.',
          });
    }
    if (!this.#composition || this.#resetting) return STARTING;
    if (called === 'GET /_longshore/reconcilers') return json(200, this.#composition.driver.status());
    return this.#composition.routes.own(request, sourceIp);
  }

  /** Forgets every resource, keeps credentials and the CA. One that fails leaves a server that goes on with the rest. */
  async #reset(): Promise<boolean> {
    const { log } = this.#parts;
    try {
      await this.#forget();
      await this.#open();
      log.info('reset: every resource is gone');
      return true;
    } catch (error) {
      log.error('a reset failed', { error });
      await this.#goOn();
      return false;
    } finally {
      this.#resetting = undefined;
    }
  }

  async #forget(): Promise<void> {
    const { clock, log } = this.#parts;
    await this.#close();
    await this.#below.clearHost(this.#config, this.#home.instanceId, clock, log);
    for (const name of await readdir(this.#home.path)) {
      if (!KEPT_FILES.has(name)) await rm(join(this.#home.path, name), { recursive: true, force: true });
    }
  }

  async #goOn(): Promise<void> {
    try {
      await this.#close();
      await this.#open();
    } catch (error) {
      this.#parts.log.error('the server does not come back before another reset', { error });
    }
  }

  /** Also where that fails, there is none afterwards. */
  async #close(): Promise<void> {
    const composition = this.#composition;
    this.#composition = undefined;
    await composition?.close();
  }
}

const STARTING: RawResponse = {
  status: 503,
  headers: { 'Retry-After': '1' },
  body: Buffer.from('Longshore is starting.\n'),
};
