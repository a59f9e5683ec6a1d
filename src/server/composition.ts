import { join } from 'node:path';
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
import { FolderNetworkFiles } from '../executor/network-files.ts';
import { HostCgroups } from '../runtime/cgroups/host-cgroups.ts';
import { createRegistryHandler } from '../registry/http/handler.ts';
import type { RegistryHandler } from '../registry/http/handler.ts';
import { createLayerDownloadHandler } from '../registry/http/layer-download.ts';
import { LAYERS_PATH } from '../registry/layer-token.ts';
import { metricSink } from '../services/cloudwatch/index.ts';
import { countsAsPull } from '../services/ecr/index.ts';
import { runningTasks, taskMetadataFinder, taskReports, taskRoles, taskTimeline } from '../services/ecs/index.ts';
import type { TaskTimeline } from '../services/ecs/index.ts';
import type { Store } from '../store/store.ts';
import { Contracts } from '../wire/contracts.ts';
import { accessBoxes, openAccess, registryAuthentication, registryAuthorization } from './access.ts';
import type { Access } from './access.ts';
import type { Config } from './config.ts';
import { EcsMetrics } from './ecs-metrics.ts';
import type { Environment } from './environment.ts';
import { openHostPlane } from './host-plane.ts';
import type { HostPlane } from './host-plane.ts';
import { pullCredentials } from './pull-credentials.ts';
import { execSessions, sessionManager } from './exec-sessions.ts';
import { sessionEndpoint } from './session-endpoint.ts';
import { Sessions } from '../sessions/sessions.ts';
import { listServices } from './service-list.ts';
import { openStorage } from './storage.ts';
import type { Storage } from './storage.ts';
import { registryEndpoints } from './registry-endpoints.ts';
import { taskCredentials, tasksMayAssume } from './task-credentials.ts';
import { taskMetadata } from './task-metadata.ts';
import { taskSecrets } from './task-secrets.ts';
import { taskRoutes } from './task-endpoint.ts';
import { taskEndpoints } from './operator-tasks.ts';
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
  // Services, executor and access call each other through the dispatcher, which comes last.
  const callIn: CallIn = (service) => (scope, as) => dispatcher.callAs(service, scope, as);
  const storage = await openStorage(env, callIn('ecr'));
  const { store, reads, trail } = storage;
  await ensurePauseImage(host.runtime);

  const timeline = taskTimeline(store, clock, log);
  const executor = openExecutor(env, { host, storage, callIn, timeline });
  const boxes = accessBoxes(home, ids);
  const sessions = new SessionTokens(home.masterKey, ids);
  const execs = new Sessions({ clock, ids, log });
  const scanner = new TrivyScanner({ program: config.trivy });
  const services = listServices(env, {
    storage,
    host,
    executor,
    boxes,
    sessions,
    scanner,
    callIn,
    openSession: execSessions(execs, host.runtime, endpoint),
    sessionManager: sessionManager(execs, endpoint),
    mayAssume: (roleArn, scope, service) => tasksMayAssume(access.assume, roleArn, scope, service),
  });
  const access = openAccess({ boxes, store, reads, clock, ids, services: services.map(({ service }) => service) });
  const { authorizer, identityOf } = access;
  const audit = trail.journal;
  const dispatcher = new Dispatcher({ services, authorizer, identityOf, audit, store, clock, ids, log, endpoint });
  const reconcilers = services.flatMap(({ service, ports }) =>
    service.reconcilers({ store, clock, ids, log, ports, endpoint, callIn: callIn(service.name) }),
  );
  const driver = new ReconcileDriver(reconcilers, { store, clock, log });
  const gateway = openGateway(env, { dispatcher, access, sessions, storage });
  const api: HttpRoutes['api'] = (request, sourceIp) => answer(request, sourceIp, gateway);
  serveTasks(env, { api, host, store, sessions, access, callIn });
  const usage = taskUsage(env, host, store);
  const stream = openStreams(env, storage, access);
  const own = operatorEndpoints(env, { storage, access, gateway });
  return {
    host,
    driver,
    routes: { api, stream, own, upgrade: sessionEndpoint(execs, clock, log) },
    async close() {
      execs.close();
      usage.close();
      storage.pullThrough.close();
      storage.replicationTargets.close();
      scanner.close();
      await driver.stop();
      await executor.close();
      await timeline.flush();
      await access.close();
      await host.close();
      await storage.close();
    },
  };
}

interface TaskServing {
  readonly api: HttpRoutes['api'];
  readonly host: HostPlane;
  readonly store: Store;
  readonly sessions: SessionTokens;
  readonly access: Access;
  readonly callIn: CallIn;
}

/** What tasks reach at 169.254.170.2. */
function serveTasks({ ids }: Environment, { api, host, store, sessions, access, callIn }: TaskServing): void {
  const credentials = taskCredentials(taskRoles(store), sessions, access.assume);
  const find = taskMetadataFinder(store, callIn('ecs'));
  const metadata = taskMetadata({ find, runtime: host.runtime, callIn: callIn('ecs'), ids });
  host.serveTasks(taskRoutes(api, credentials, metadata));
}

/** CPU and memory of services and clusters, into CloudWatch each minute. */
function taskUsage({ clock, log }: Environment, { runtime }: HostPlane, store: Store): EcsMetrics {
  const metrics = metricSink(store, clock);
  const usage = new EcsMetrics({ tasks: runningTasks(store), runtime, metrics, clock, log });
  usage.start();
  return usage;
}

interface ExecutorParts {
  readonly host: HostPlane;
  readonly storage: Storage;
  readonly callIn: CallIn;
  readonly timeline: TaskTimeline;
}

function openExecutor(
  { clock, log, home, registryHost }: Environment,
  { host, storage, callIn, timeline }: ExecutorParts,
): LocalExecutor {
  return new LocalExecutor({
    runtime: host.runtime,
    network: host.network,
    clock,
    log,
    instanceId: home.instanceId,
    logs: taskLogs(callIn('ecs')),
    credentials: pullCredentials(callIn('ecs'), registryHost),
    resolveSecrets: taskSecrets(callIn('ecs')),
    networkFiles: new FolderNetworkFiles(join(home.path, 'tasks')),
    cgroups: new HostCgroups({ instanceId: home.instanceId, runtime: host.runtime, clock, log }),
    note: timeline,
    pauseImage: PAUSE_IMAGE,
    report: taskReports(storage.store, clock),
  });
}

/** What operators ask for besides AWS's API. */
function operatorEndpoints(
  { config, clock }: Environment,
  {
    storage,
    access,
    gateway,
  }: { readonly storage: Storage; readonly access: Access; readonly gateway: Pick<Gateway, 'authenticate'> },
): HttpRoutes['own'] {
  const { authenticate } = gateway;
  const { store, registry } = storage;
  const { stoppedTaskRetentionMs } = config;
  const ofRegistry = registryEndpoints({ registry, authenticate, clock });
  const ofTasks = taskEndpoints({ store, authenticate, authorizer: access.authorizer, stoppedTaskRetentionMs, clock });
  return async (request, sourceIp) => (await ofRegistry(request, sourceIp)) ?? ofTasks(request, sourceIp);
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
  { registryAuthorizer, directory }: Access,
): RegistryHandler {
  const { config, clock, ids, log } = env;
  const authenticate = registryAuthentication(tokens, directory);
  return createRegistryHandler({
    registry,
    authenticate: async (header, now) => (await authenticate(header, now)) ?? anyone(config, header),
    authorize: registryAuthorization(registryAuthorizer, clock),
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
