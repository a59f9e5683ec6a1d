import type { ServiceName } from '../api/clients.ts';
import type { Call } from '../api/context.ts';
import type { CallAs, Service } from '../api/service.ts';
import type { Executor } from '../executor/executor.ts';
import type { ServiceEntry } from '../gateway/dispatcher.ts';
import { DiscoveredKeySets } from '../identity/oidc/key-sets.ts';
import type { SessionTokens } from '../identity/session-credentials.ts';
import type { Scope } from '../kernel/arn.ts';
import { SealedBox } from '../kernel/sealed-box.ts';
import { acm, certificateBundle } from '../services/acm/index.ts';
import { applicationAutoscaling, demandSignals, scalingSignals } from '../services/application-autoscaling/index.ts';
import { autoscaling, groupScalingSignals } from '../services/autoscaling/index.ts';
import { cloudtrail } from '../services/cloudtrail/index.ts';
import { cloudwatch, metricSink } from '../services/cloudwatch/index.ts';
import type { CloudWatchPorts } from '../services/cloudwatch/index.ts';
import { ec2 } from '../services/ec2/index.ts';
import type { InstanceHost } from '../services/ec2/index.ts';
import { ecr } from '../services/ecr/index.ts';
import type { EcrPorts, ImageScanner } from '../services/ecr/index.ts';
import { ecs } from '../services/ecs/index.ts';
import type { EcsPorts } from '../services/ecs/index.ts';
import { elbv2 } from '../services/elbv2/index.ts';
import { iam } from '../services/iam/index.ts';
import type { IamPorts } from '../services/iam/index.ts';
import { logs } from '../services/logs/index.ts';
import { route53 } from '../services/route53/index.ts';
import { s3 } from '../services/s3/index.ts';
import { secretsmanager } from '../services/secretsmanager/index.ts';
import { servicediscovery } from '../services/servicediscovery/index.ts';
import type { SessionsPort } from '../services/ssm/index.ts';
import { ssm } from '../services/ssm/index.ts';
import { sts } from '../services/sts/index.ts';
import type { Store } from '../store/store.ts';
import type { AccessBoxes } from './access.ts';
import { acmeIssuerOf } from './acme.ts';
import { deploymentHooks } from './deployment-hooks.ts';
import type { Environment } from './environment.ts';
import type { HostPlane } from './host-plane.ts';
import type { InstancePlane } from './instance-host.ts';
import type { Storage } from './storage.ts';

/** What services are lent from. */
export interface ServiceParts {
  readonly storage: Storage;
  readonly host: HostPlane;
  readonly instances: InstancePlane;
  readonly passRole: InstanceHost['passRole'];
  readonly executor: Executor;
  readonly boxes: AccessBoxes;
  readonly sessions: SessionTokens;
  readonly scanner: ImageScanner;
  readonly mayAssume: EcsPorts['mayAssume'];
  readonly openSession: EcsPorts['openSession'];
  readonly sessionManager: SessionsPort;
  readonly callIn: (service: ServiceName) => (scope: Scope, as?: CallAs) => Call;
}

/** Each service with what it is lent. */
export function listServices(env: Environment, parts: ServiceParts): readonly ServiceEntry[] {
  const { config, home, ids, registryHost } = env;
  const { storage, host, executor, boxes, sessions, callIn } = parts;
  const { store, authority, objects, trail } = storage;
  const { network, names, plane, edge } = host;
  const { domain, stoppedTaskRetentionMs } = config;
  const box = new SealedBox(home.masterKey, 'acm-private-keys', ids);
  const acme = acmeIssuerOf(env, storage, host);
  const entry = <P>(service: Service<P>, ports: P) => ({ service, ports });
  return [
    entry(acm, { authority, box, ...(acme && { acme }) }),
    entry(applicationAutoscaling, {}),
    entry(cloudtrail, {
      events: trail.events,
      box: new SealedBox(home.masterKey, 'cloudtrail-digests', ids),
      callIn: callIn('cloudtrail'),
      retentionMs: config.trailRetentionMs,
      deliveryIntervalMs: config.trailDeliveryMs,
      digestIntervalMs: config.trailDigestMs,
    }),
    entry(autoscaling, {
      metrics: metricSink(store, env.clock),
      passRole: parts.passRole,
      managedScaleInPeriods: config.managedScaleInPeriods,
    }),
    entry(cloudwatch, { signalScalingPolicy: alarmSignals(store) }),
    entry(ec2, {
      network,
      names,
      publicCidr: host.addresses.publicCidr,
      transitLinks: linksOf(host.addresses.transitCidr),
      instances: { ...parts.instances.host, passRole: parts.passRole },
    }),
    entry(ecr, ecrPorts(env, parts)),
    entry(ecs, {
      executor,
      registryHost,
      network,
      stoppedTaskRetentionMs,
      mayAssume: parts.mayAssume,
      openSession: parts.openSession,
      hooks: deploymentHooks(config.deploymentHookHosts),
      metrics: metricSink(store, env.clock),
      managedScalingPeriodMs: config.managedScalingMs,
      domain,
    }),
    entry(elbv2, {
      plane,
      names,
      namespacePath: (vpcId) => network.namespacePath(vpcId),
      certificates: certificateBundle(store, box),
      trustStoreFiles: storage.trustStoreFiles,
      domain,
      edge,
      metrics: metricSink(store, env.clock),
      logs: { intervalMs: config.loadBalancerLogMs, callIn: callIn('elbv2') },
      signalDemand: demandSignals(store),
    }),
    entry(iam, iamPorts(env, parts)),
    entry(logs, { clock: env.clock }),
    entry(route53, { names, domain }),
    entry(s3, { objects }),
    entry(secretsmanager, { box: new SealedBox(home.masterKey, 'secretsmanager-values', ids) }),
    entry(servicediscovery, {}),
    entry(ssm, { box: new SealedBox(home.masterKey, 'ssm-secure-strings', ids), sessions: parts.sessionManager }),
    entry(sts, { sessions, messages: boxes.messages, keySets: new DiscoveredKeySets(env.clock) }),
  ];
}

/** To whichever of the two services the policy is of: the other knows no such policy. */
function alarmSignals(store: Store): CloudWatchPorts['signalScalingPolicy'] {
  const hear = [scalingSignals(store), groupScalingSignals(store)];
  return async (signal) => {
    for (const one of hear) await one(signal);
  };
}

function iamPorts({ home }: Environment, { boxes }: ServiceParts): IamPorts {
  const { credentials, createdAtMs } = home;
  return { box: boxes.accessKeys, rootAccessKeyId: credentials.accessKeyId, rootCreatedAtMs: createdAtMs };
}

function ecrPorts({ config, registryHost }: Environment, { storage, scanner }: ServiceParts): EcrPorts {
  const { registry, pullThrough, upstreamCredentials, replicationTargets, tokens, layerTokens } = storage;
  return {
    registry,
    pullThrough,
    upstreamCredentials,
    replicationTargets,
    tokens,
    layerTokens,
    registryHost,
    lifecycle: { intervalMs: config.lifecycleIntervalMs, sparesImagesInUse: config.lifecycleSparesImagesInUse },
    scanner,
  };
}

/** How many /30 links a range holds. */
function linksOf(transitCidr: string): number {
  return 2 ** Math.max(0, 30 - Number(transitCidr.split('/')[1]));
}
