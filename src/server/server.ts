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
import { lockHome, openHome, writeWhole } from './home.ts';
import type { Home } from './home.ts';
import { KEPT_FILES, clearHost } from './reset.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

/** A running Longshore: config -> construct -> listen -> stop. */
export class LongshoreServer {
  readonly #config: Config;
  readonly #home: Home;
  readonly #parts: { readonly clock: Clock; readonly ids: Ids; readonly log: Log };
  readonly #http: HttpServer;
  readonly #unlock: () => Promise<void>;
  #composition: Composition | undefined;
  #endpoint = '';
  #resetting: Promise<void> | undefined;

  private constructor(
    config: Config,
    home: Home,
    parts: { clock: Clock; ids: Ids; log: Log },
    unlock: () => Promise<void>,
  ) {
    this.#config = config;
    this.#home = home;
    this.#parts = parts;
    this.#unlock = unlock;
    this.#http = new HttpServer(() => this.#routes(), parts.log);
  }

  /** Resolves when it answers. */
  static async start(config: Config, parts: { clock: Clock; ids: Ids; log: Log }): Promise<LongshoreServer> {
    const unlock = await lockHome(config.home);
    const home = await openHome(config.home, parts.ids, config.account);
    const server = new LongshoreServer(config, home, parts, unlock);
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
    await this.#composition?.close();
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
    const state = { ...this.status(), startedAt: new Date(this.#parts.clock.now()).toISOString() };
    await writeWhole(join(this.#home.path, 'server.json'), `${JSON.stringify(state, null, 2)}\n`);
  }

  async #open(): Promise<void> {
    this.#composition = await compose({
      config: this.#config,
      home: this.#home,
      endpoint: this.#endpoint,
      registryHost: this.#endpoint.replace('http://', ''),
      ...this.#parts,
    });
    await this.#composition.driver.start();
  }

  #routes(): HttpRoutes {
    const own: HttpRoutes['own'] = (request, sourceIp) => this.#own(request, sourceIp);
    const composition = this.#resetting ? undefined : this.#composition;
    if (composition) return { ...composition.routes, own };
    const starting: RawResponse = {
      status: 503,
      headers: { 'Retry-After': '1' },
      body: Buffer.from('Longshore is starting.\n'),
    };
    return {
      own,
      api: async () => starting,
      stream: () => undefined,
    };
  }

  async #own(request: RawRequest, sourceIp: string): Promise<RawResponse | undefined> {
    const { method } = request;
    const { path } = splitTarget(request.rawUrl);
    if (path === '/_longshore/health' && method === 'GET') {
      return json(this.#composition && !this.#resetting ? 200 : 503, this.status());
    }
    if (path === '/_longshore/reconcilers' && method === 'GET') return json(200, this.#composition?.driver.status());
    if (path === '/_longshore/reset' && method === 'POST' && this.#config.auth === 'permissive') {
      await (this.#resetting ??= this.#reset());
      return json(200, { status: 'ok' });
    }
    return this.#resetting ? undefined : this.#composition?.routes.own(request, sourceIp);
  }

  /** Forgets every resource, keeps credentials and the CA. */
  async #reset(): Promise<void> {
    const { clock, log } = this.#parts;
    try {
      await this.#composition?.close();
      this.#composition = undefined;
      await clearHost(this.#config, this.#home.instanceId, clock, log);
      for (const name of await readdir(this.#home.path)) {
        if (!KEPT_FILES.has(name)) await rm(join(this.#home.path, name), { recursive: true, force: true });
      }
      await this.#open();
      log.info('reset: every resource is gone');
    } finally {
      this.#resetting = undefined;
    }
  }
}
