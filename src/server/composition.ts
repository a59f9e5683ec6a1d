import { join } from 'node:path';
import type { ServiceName } from '../api/clients.ts';
import type { Call } from '../api/context.ts';
import { rootPrincipal, webIdentityPrincipal } from '../api/invoke.ts';
import type { CallAs } from '../api/service.ts';
import type { FleetExecutor } from '../executor/fleet-executor.ts';
import { ensurePauseImage } from '../executor/pause-image.ts';
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
import { metricSink } from '../services/cloudwatch/index.ts';
import { countsAsPull } from '../services/ecr/index.ts';
import {
  clusterCapacities,
  runningTasks,
  taskMetadataFinder,
  taskReports,
  taskRoles,
  taskTimeline,
} from '../services/ecs/index.ts';
import type { TaskTimeline } from '../services/ecs/index.ts';
import type { Store } from '../store/store.ts';
import { Contracts } from '../wire/contracts.ts';
import { accessBoxes, openAccess, registryAuthentication, registryAuthorization, rolePassing } from './access.ts';
import type { Access } from './access.ts';
import type { Config } from './config.ts';
import { EcsMetrics } from './ecs-metrics.ts';
import type { Environment } from './environment.ts';
import { openExecutor } from './executors.ts';
import type { EngineOf } from './executors.ts';
import { openHostPlane } from './host-plane.ts';
import type { HostPlane } from './host-plane.ts';
import { openInstancePlane } from './instance-host.ts';
import type { InstancePlane } from './instance-host.ts';
import { pullCredentials } from './pull-credentials.ts';
import { ExecLogs } from './exec-logs.ts';
import { execSessions, sessionManager } from './exec-sessions.ts';
import { sessionEndpoint } from './session-endpoint.ts';
import { trustStoreEndpoint } from './trust-store-endpoint.ts';
import { Sessions } from '../sessions/sessions.ts';
import { listServices } from './service-list.ts';
import { openStorage } from './storage.ts';
import type { Storage } from './storage.ts';
import { registryEndpoints } from './registry-endpoints.ts';
import { taskCredentials, tasksMayAssume } from './task-credentials.ts';
import { taskMetadata } from './task-metadata.ts';
import { taskSecrets } from './task-secrets.ts';
import { taskRoutes } from './task-endpoint.ts';
import { instanceEndpoints } from './operator-instances.ts';
import { serviceEndpoints } from './operator-services.ts';
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

/** One that fails gives its listeners and its store back, so that it can be tried again. */
export async function compose(env: Environment): Promise<Composition> {
  await using opened = new AsyncDisposableStack();
  const composition = await composeWithin(env, opened);
  opened.move();
  return composition;
}

async function composeWithin(env: Environment, opened: AsyncDisposableStack): Promise<Composition> {
  const { config, home, clock, ids, log, endpoint } = env;
  const host = await openHostPlane(config, home, clock, log);
  opened.defer(() => host.close());
  // Services, executor and access call each other through the dispatcher, which comes last.
  const callIn: CallIn = (service) => (scope, as) => dispatcher.callAs(service, scope, as);
  const storage = await openStorage(env, callIn('ecr'));
  opened.defer(() => storage.close());
  const { store, reads, trail } = storage;
  await ensurePauseImage(host.runtime);

  const timeline = taskTimeline(store, clock, log);
  const instances = openInstancePlane(env, (address) => host.network.vpcOfTransit(address));
  const engineOf: EngineOf = (id) => (id === undefined ? host.runtime : instances.host.driver.runtimeOf(id));
  const executor = openTaskExecutor(env, { host, instances, storage, callIn, timeline });
  const boxes = accessBoxes(home, ids);
  const sessions = new SessionTokens(home.masterKey, ids);
  const execs = new Sessions({ clock, ids, log });
  const execLogs = new ExecLogs({ folder: join(home.path, 'exec-logs'), callIn: callIn('ecs'), clock, log });
  const scanner = new TrivyScanner({ program: config.trivy });
  const services = listServices(env, {
    storage,
    host,
    instances,
    passRole: (caller, roleArn, scope) => rolePassing(env, access)(caller, roleArn, scope, 'ec2.amazonaws.com'),
    executor,
    boxes,
    sessions,
    scanner,
    callIn,
    openSession: execSessions(execs, engineOf, endpoint, execLogs),
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
  serveTasks(env, { api, host, store, sessions, access, callIn, engineOf });
  await execLogs.open();
  const usage = taskUsage(env, engineOf, store);
  const stream = openStreams(env, storage, access);
  instances.serve({ store, sessions, access, callIn: callIn('ec2'), registry: stream });
  const own = operatorEndpoints(env, { storage, access, gateway });
  return {
    host,
    driver,
    routes: { api, stream, own, upgrade: sessionEndpoint(execs, clock, log) },
    async close() {
      execs.close();
      await execLogs.close();
      usage.close();
      storage.pullThrough.close();
      storage.replicationTargets.close();
      scanner.close();
      await driver.stop();
      await instances.close();
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
  readonly engineOf: EngineOf;
}

/** What tasks reach at 169.254.170.2. */
function serveTasks({ ids }: Environment, { api, host, store, sessions, access, callIn, engineOf }: TaskServing): void {
  const credentials = taskCredentials(taskRoles(store), sessions, access.assume);
  const find = taskMetadataFinder(store, callIn('ecs'));
  const metadata = taskMetadata({ find, engineOf, callIn: callIn('ecs'), ids });
  host.serveTasks(taskRoutes(api, credentials, metadata));
}

/** CPU and memory of services and clusters, into CloudWatch each minute. */
function taskUsage({ clock, log }: Environment, engineOf: EngineOf, store: Store): EcsMetrics {
  const metrics = metricSink(store, clock);
  const [tasks, capacities] = [runningTasks(store), clusterCapacities(store)];
  const usage = new EcsMetrics({ tasks, capacities, engineOf, metrics, clock, log });
  usage.start();
  return usage;
}

interface ExecutionParts {
  readonly host: HostPlane;
  readonly instances: InstancePlane;
  readonly storage: Storage;
  readonly callIn: CallIn;
  readonly timeline: TaskTimeline;
}

function openTaskExecutor(
  env: Environment,
  { host, instances, storage, callIn, timeline }: ExecutionParts,
): FleetExecutor {
  return openExecutor(env, {
    runtime: host.runtime,
    network: host.network,
    driver: instances.host.driver,
    logs: taskLogs(callIn('ecs')),
    credentials: pullCredentials(callIn('ecs'), env.registryHost),
    resolveSecrets: taskSecrets(callIn('ecs')),
    note: timeline,
    report: taskReports(storage.store, env.clock),
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
  const ofServices = serviceEndpoints({ store, authenticate, authorizer: access.authorizer, clock });
  const ofInstances = instanceEndpoints({ store, authenticate, authorizer: access.authorizer, clock });
  const ofTrustStores = trustStoreEndpoint(storage.trustStoreFiles, store, clock);
  return async (request, sourceIp) =>
    (await ofRegistry(request, sourceIp)) ??
    (await ofTrustStores(request, sourceIp)) ??
    (await ofInstances(request, sourceIp)) ??
    (await ofServices(request, sourceIp)) ??
    ofTasks(request, sourceIp);
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
