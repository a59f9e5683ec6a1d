import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Call } from '../api/context.ts';
import type { ServiceName } from '../api/clients.ts';
import type { Service } from '../api/service.ts';
import { LocalExecutor } from '../executor/local-executor.ts';
import { PAUSE_IMAGE, ensurePauseImage } from '../executor/pause-image.ts';
import { permissiveAuthentication, strictAuthentication } from '../gateway/authentication.ts';
import { Dispatcher } from '../gateway/dispatcher.ts';
import type { HttpRoutes } from '../gateway/http-server.ts';
import { answer } from '../gateway/pipeline.ts';
import type { Scope } from '../kernel/arn.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import { SessionTokens } from '../identity/session-credentials.ts';
import { SealedBox } from '../kernel/sealed-box.ts';
import { openAuthority } from '../pki/open-authority.ts';
import type { CertificateAuthority } from '../pki/authority.ts';
import { ReconcileDriver } from '../reconcile/driver.ts';
import { FileBlobs } from '../registry/file-blobs/file-blobs.ts';
import { createRegistryHandler } from '../registry/http/handler.ts';
import { Registry } from '../registry/registry.ts';
import { RegistryTokens } from '../registry/token.ts';
import { acm, certificateBundle } from '../services/acm/index.ts';
import { ec2 } from '../services/ec2/index.ts';
import { ecr, ecrRepositories } from '../services/ecr/index.ts';
import { ecs, taskReports, taskRoles } from '../services/ecs/index.ts';
import { elbv2 } from '../services/elbv2/index.ts';
import { logs } from '../services/logs/index.ts';
import { route53 } from '../services/route53/index.ts';
import { sts } from '../services/sts/index.ts';
import { SqliteStore } from '../store/sqlite/sqlite-store.ts';
import { Contracts } from '../wire/contracts.ts';
import type { Config } from './config.ts';
import type { Home } from './home.ts';
import { openHostPlane } from './host-plane.ts';
import type { HostPlane } from './host-plane.ts';
import { pullCredentials } from './pull-credentials.ts';
import { taskCredentials } from './task-credentials.ts';
import { taskRoutes } from './task-endpoint.ts';
import { taskLogs } from './task-logs.ts';

export interface Environment {
  readonly config: Config;
  readonly home: Home;
  readonly endpoint: string;
  /** `host:port` of the registry in repository URIs. */
  readonly registryHost: string;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** The whole server but its listener: built here, and nowhere else. */
export interface Composition {
  readonly routes: Pick<HttpRoutes, 'api' | 'stream'>;
  readonly host: HostPlane;
  readonly driver: ReconcileDriver;
  /** Stops every loop; tasks, networks and load balancers go on. */
  close(): Promise<void>;
}

export async function compose(env: Environment): Promise<Composition> {
  const { config, home, clock, ids, log } = env;
  const host = await openHostPlane(config, home, clock, log);
  const store = new SqliteStore(join(home.path, 'store.db'));
  const authority = await openAuthority({ folder: home.path, clock, ids, instanceId: home.instanceId });
  await mkdir(join(home.path, 'blobs'), { recursive: true, mode: 0o700 });
  const blobs = await FileBlobs.open(join(home.path, 'blobs'), clock);
  const registry = new Registry({ store, blobs, repositories: ecrRepositories, clock, ids, log });
  const tokens = new RegistryTokens(new SealedBox(home.masterKey, 'ecr-token', ids));
  await ensurePauseImage(host.runtime);

  // The executor reports to ECS and calls Logs and ECR; they are reached through the dispatcher, which comes last.
  const callIn =
    (service: ServiceName) =>
    (scope: Scope): Call =>
      dispatcher.callAs(service, scope);
  const executor = new LocalExecutor({
    runtime: host.runtime,
    network: host.network,
    clock,
    log,
    instanceId: home.instanceId,
    logs: taskLogs(callIn('ecs')),
    credentials: pullCredentials(callIn('ecs'), env.registryHost),
    pauseImage: PAUSE_IMAGE,
    report: taskReports(store, clock),
  });
  const services = listServices(env, { store, host, authority, registry, tokens, executor });
  const dispatcher = new Dispatcher({ services, store, clock, ids, log, endpoint: env.endpoint });
  const reconcilers = services.flatMap(({ service, ports }) =>
    service.reconcilers({ store, clock, ids, log, ports, endpoint: env.endpoint, callIn: callIn(service.name) }),
  );
  const driver = new ReconcileDriver(reconcilers, { store, clock, log });
  const sessions = new SessionTokens(home.masterKey, ids);
  const gateway = {
    contracts: new Contracts(),
    dispatcher,
    authenticate:
      config.auth === 'permissive'
        ? permissiveAuthentication(config.account, config.region)
        : strictAuthentication(home.credentials, config.account, sessions),
    clock,
    ids,
    log,
  };
  const api: HttpRoutes['api'] = (request, sourceIp) => answer(request, sourceIp, gateway);
  host.serveTasks(taskRoutes(api, taskCredentials(taskRoles(store), sessions, clock)));
  const authenticateRegistry = (header: string | undefined, now: number) =>
    tokens.authenticate(header, now) ?? (config.auth === 'permissive' ? anyone(config, header) : undefined);
  const registryHandler = createRegistryHandler({ registry, authenticate: authenticateRegistry, clock, ids, log });
  return {
    host,
    driver,
    routes: { api, stream: (path) => (path === '/v2' || path.startsWith('/v2/') ? registryHandler : undefined) },
    async close() {
      await driver.stop();
      await executor.close();
      await host.close();
      await store.close();
    },
  };
}

interface Parts {
  readonly store: SqliteStore;
  readonly host: HostPlane;
  readonly authority: CertificateAuthority;
  readonly registry: Registry;
  readonly tokens: RegistryTokens;
  readonly executor: LocalExecutor;
}

/** Each service with what it is lent. */
function listServices(env: Environment, parts: Parts): readonly { service: Service<any>; ports: unknown }[] {
  const { config, home, ids, registryHost } = env;
  const { store, host, authority, registry, tokens, executor } = parts;
  const { network, names, plane, edge } = host;
  const { domain, stoppedTaskRetentionMs } = config;
  const box = new SealedBox(home.masterKey, 'acm-private-keys', ids);
  const entry = <P>(service: Service<P>, ports: P) => ({ service, ports });
  return [
    entry(acm, { authority, box }),
    entry(ec2, {
      network,
      names,
      publicCidr: host.addresses.publicCidr,
      transitLinks: linksOf(host.addresses.transitCidr),
    }),
    entry(ecr, { registry, tokens, registryHost }),
    entry(ecs, { executor, registryHost, stoppedTaskRetentionMs }),
    entry(elbv2, {
      plane,
      names,
      namespacePath: (vpcId) => network.namespacePath(vpcId),
      certificates: certificateBundle(store, box),
      domain,
      edge,
    }),
    entry(logs, {}),
    entry(route53, { names, domain }),
    entry(sts, {}),
  ];
}

/** How many /30 links a range holds. */
function linksOf(transitCidr: string): number {
  return 2 ** Math.max(0, 30 - Number(transitCidr.split('/')[1]));
}

/** `--auth permissive`: whoever logs in to the registry is let in, as `docker login` in an emulator's scripts expects. */
function anyone(config: Config, header: string | undefined) {
  if (!header) return undefined;
  return { account: config.account, region: config.region, principalArn: `arn:aws:iam::${config.account}:root` };
}
