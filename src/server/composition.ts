import type { ServiceName } from '../api/clients.ts';
import type { Call } from '../api/context.ts';
import { rootPrincipal, webIdentityPrincipal } from '../api/invoke.ts';
import type { CallAs } from '../api/service.ts';
import { LocalExecutor } from '../executor/local-executor.ts';
import { PAUSE_IMAGE, ensurePauseImage } from '../executor/pause-image.ts';
import { permissiveAuthentication, strictAuthentication } from '../gateway/authentication.ts';
import { Dispatcher } from '../gateway/dispatcher.ts';
import type { HttpRoutes } from '../gateway/http-server.ts';
import { answer } from '../gateway/pipeline.ts';
import type { Gateway } from '../gateway/pipeline.ts';
import { SessionTokens } from '../identity/session-credentials.ts';
import type { Scope } from '../kernel/arn.ts';
import { ReconcileDriver } from '../reconcile/driver.ts';
import { createRegistryHandler } from '../registry/http/handler.ts';
import type { RegistryHandler } from '../registry/http/handler.ts';
import { createLayerDownloadHandler } from '../registry/http/layer-download.ts';
import { LAYERS_PATH } from '../registry/layer-token.ts';
import { countsAsPull } from '../services/ecr/index.ts';
import { taskReports, taskRoles } from '../services/ecs/index.ts';
import { Contracts } from '../wire/contracts.ts';
import { accessBoxes, openAccess, registryAuthentication, registryAuthorization } from './access.ts';
import type { Access } from './access.ts';
import type { Config } from './config.ts';
import type { Environment } from './environment.ts';
import { openHostPlane } from './host-plane.ts';
import type { HostPlane } from './host-plane.ts';
import { pullCredentials } from './pull-credentials.ts';
import { listServices } from './service-list.ts';
import { openStorage } from './storage.ts';
import type { Storage } from './storage.ts';
import { registryEndpoints } from './registry-endpoints.ts';
import { taskCredentials, tasksMayAssume } from './task-credentials.ts';
import { taskRoutes } from './task-endpoint.ts';
import { taskLogs } from './task-logs.ts';
import { TrivyScanner } from './trivy-scanner.ts';

/** The whole server but its listener: built here, and nowhere else. */
export interface Composition {
  readonly routes: HttpRoutes;
  readonly host: HostPlane;
  readonly driver: ReconcileDriver;
  /** Stops every loop; tasks, networks and load balancers go on. */
  close(): Promise<void>;
}

type CallIn = (service: ServiceName) => (scope: Scope, as?: CallAs) => Call;

export async function compose(env: Environment): Promise<Composition> {
  const { config, home, clock, ids, log, endpoint } = env;
  const host = await openHostPlane(config, home, clock, log);
  const storage = await openStorage(env);
  const { store, trail } = storage;
  await ensurePauseImage(host.runtime);

  // Services, executor and access call each other through the dispatcher, which comes last.
  const callIn: CallIn = (service) => (scope, as) => dispatcher.callAs(service, scope, as);
  const executor = openExecutor(env, { host, storage, callIn });
  const boxes = accessBoxes(home, ids);
  const sessions = new SessionTokens(home.masterKey, ids);
  const scanner = new TrivyScanner({ program: config.trivy });
  const services = listServices(env, {
    storage,
    host,
    executor,
    boxes,
    sessions,
    scanner,
    callIn,
    mayAssume: (roleArn, scope) => tasksMayAssume(access.assume, roleArn, scope),
  });
  const access = openAccess({ boxes, store, clock, ids, services: services.map(({ service }) => service) });
  const { authorizer, identityOf } = access;
  const audit = trail.journal;
  const dispatcher = new Dispatcher({ services, authorizer, identityOf, audit, store, clock, ids, log, endpoint });
  const reconcilers = services.flatMap(({ service, ports }) =>
    service.reconcilers({ store, clock, ids, log, ports, endpoint, callIn: callIn(service.name) }),
  );
  const driver = new ReconcileDriver(reconcilers, { store, clock, log });
  const gateway = openGateway(env, { dispatcher, access, sessions, storage });
  const api: HttpRoutes['api'] = (request, sourceIp) => answer(request, sourceIp, gateway);
  host.serveTasks(taskRoutes(api, taskCredentials(taskRoles(store), sessions, access.assume)));
  const stream = openStreams(env, storage, access);
  const own = registryEndpoints({ registry: storage.registry, authenticate: gateway.authenticate, clock });
  return {
    host,
    driver,
    routes: { api, stream, own },
    async close() {
      storage.pullThrough.close();
      scanner.close();
      await driver.stop();
      await executor.close();
      await access.close();
      await host.close();
      await storage.close();
    },
  };
}

function openExecutor(
  { clock, log, home, registryHost }: Environment,
  { host, storage, callIn }: { readonly host: HostPlane; readonly storage: Storage; readonly callIn: CallIn },
): LocalExecutor {
  return new LocalExecutor({
    runtime: host.runtime,
    network: host.network,
    clock,
    log,
    instanceId: home.instanceId,
    logs: taskLogs(callIn('ecs')),
    credentials: pullCredentials(callIn('ecs'), registryHost),
    pauseImage: PAUSE_IMAGE,
    report: taskReports(storage.store, clock),
  });
}

interface GatewayParts {
  readonly dispatcher: Dispatcher;
  readonly access: Access;
  readonly sessions: SessionTokens;
  readonly storage: Storage;
}

function openGateway(env: Environment, { dispatcher, access, sessions, storage }: GatewayParts): Gateway {
  const { config, home, clock, ids, log } = env;
  const { account, region } = config;
  const { directory } = access;
  return {
    audit: storage.trail.journal,
    // Whoever calls without a signature what needs none: AssumeRoleWithWebIdentity.
    stranger: { principal: webIdentityPrincipal(account), scope: { account, region } },
    contracts: new Contracts(),
    dispatcher,
    authenticate:
      config.auth === 'permissive'
        ? permissiveAuthentication(account, region)
        : strictAuthentication({ root: home.credentials, account, sessions, directory }),
    clock,
    ids,
    log,
  };
}

/** What gets the connection itself: the registry, and layers by their URL. */
function openStreams(env: Environment, storage: Storage, access: Access): HttpRoutes['stream'] {
  const { clock, ids, log } = env;
  const registry = openRegistry(env, storage, access);
  const tokens = storage.layerTokens;
  const layers = createLayerDownloadHandler({ registry: storage.registry, tokens, clock, ids, log });
  return (path) => {
    if (path === '/v2' || path.startsWith('/v2/')) return registry;
    return path.startsWith(LAYERS_PATH) ? layers : undefined;
  };
}

function openRegistry(
  env: Environment,
  { registry, pullThrough, store, tokens }: Storage,
  { authorizer, directory }: Access,
): RegistryHandler {
  const { config, clock, ids, log } = env;
  const authenticate = registryAuthentication(tokens, directory);
  return createRegistryHandler({
    registry,
    authenticate: async (header, now) => (await authenticate(header, now)) ?? anyone(config, header),
    authorize: registryAuthorization(authorizer, clock),
    countsAsPull: countsAsPull(store),
    upstream: pullThrough,
    clock,
    ids,
    log,
  });
}

/** `--auth permissive`: whoever logs in to the registry is let in, as `docker login` in an emulator's scripts expects. */
function anyone({ auth, account, region }: Config, header: string | undefined) {
  return auth === 'permissive' && header ? { account, region, principal: rootPrincipal(account) } : undefined;
}
