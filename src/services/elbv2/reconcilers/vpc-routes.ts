import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import { plannedRoutes, type PlannedListener, type PlannedRoutes, type VpcRows } from '../domain/route-table.ts';
import type { Elbv2Ports } from '../operation.ts';
import {
  keySets,
  listeners,
  loadBalancers,
  revocations,
  rules,
  targetGroups,
  targets,
  trustStores,
} from '../tables.ts';

type Observed = VpcRows & { readonly vpcId: string };

export interface ApplyRoutes {
  readonly type: 'apply-routes';
  readonly vpcId: string;
  readonly routes: PlannedRoutes;
}

const TABLES: readonly string[] = [loadBalancers, listeners, rules, targetGroups, targets].map((it) => it.name);

/** What listeners of any VPC may use. */
const SHARED: readonly string[] = ['acm.certificates', trustStores.name, revocations.name, keySets.name];

/** Makes the plane serve what the rows of a VPC say. The key is the VPC's id. */
export function vpcRoutesReconciler(env: ServiceEnvironment<Elbv2Ports>): Reconciler<Observed, ApplyRoutes> {
  // A change of a certificate or a trust store does not say which VPCs use it: these are all there are, filled by allKeys.
  const known = new Set<string>();
  return {
    name: 'elbv2.vpc-routes',
    // Often: what somebody else stopped or changed on the host is mended by this too.
    resyncEveryMs: 10_000,
    keys(change) {
      if (TABLES.includes(change.table)) return change.indexes['vpc'] ?? [];
      return SHARED.includes(change.table) ? [...known] : [];
    },
    async allKeys(tx) {
      const rows = await tx.list(loadBalancers);
      // What runs for VPCs that have no load balancer any more is found and stopped.
      return [...new Set([...rows.map((row) => row.vpcId), ...(await env.ports.plane.list())])];
    },
    async observe(tx, vpcId) {
      known.add(vpcId);
      const where = ['vpc', vpcId] as const;
      const ofVpc = await tx.list(listeners, { where });
      const stores = new Set(
        ofVpc.flatMap(({ mutualTls }) => (mutualTls?.mode === 'verify' ? [mutualTls.trustStoreArn] : [])),
      );
      const ofRules = await tx.list(rules, { where });
      const endpoints = new Set(
        [...ofVpc.map((row) => row.defaultAction), ...ofRules.map((row) => row.action)].flatMap(
          ({ jwt }) => jwt?.jwksEndpoint ?? [],
        ),
      );
      const keys = await Promise.all([...endpoints].map((endpoint) => tx.get(keySets, endpoint)));
      const found = await Promise.all([...stores].map((arn) => tx.get(trustStores, arn)));
      const lists = await Promise.all([...stores].map((arn) => tx.list(revocations, { where: ['trustStore', arn] })));
      return {
        vpcId,
        trustStores: found.filter((row) => row !== undefined),
        revocations: lists.flat(),
        loadBalancers: await tx.list(loadBalancers, { where }),
        listeners: ofVpc,
        rules: ofRules,
        keySets: keys.filter((row) => row !== undefined),
        targetGroups: await tx.list(targetGroups, { where }),
        targets: await tx.list(targets, { where }),
      };
    },
    plan(observed) {
      const routes = plannedRoutes(observed);
      const why = `${observed.vpcId} has ${routes.listeners.length} listeners to serve.`;
      return { actions: [{ type: 'apply-routes', vpcId: observed.vpcId, routes }], why };
    },
    apply: (action) => apply(env, action),
  };
}

async function apply(env: ServiceEnvironment<Elbv2Ports>, { vpcId, routes }: ApplyRoutes): Promise<void> {
  const { plane, namespacePath, edge } = env.ports;
  await plane.apply({
    vpcId,
    namespacePath: namespacePath(vpcId),
    edgePorts: { http: edge.httpPort, https: edge.httpsPort },
    listeners: await Promise.all(routes.listeners.map((listener) => withCertificates(env, listener))),
    targetGroups: routes.targetGroups,
  });
}

/** A certificate that is gone, or that the plane would not take, is left out; the others still serve. */
async function withCertificates(
  env: ServiceEnvironment<Elbv2Ports>,
  { certificateArns, ...listener }: PlannedListener,
) {
  const found = await Promise.all(
    certificateArns.map(async (arn) => ({ certificateId: arn, certificate: await env.ports.certificates(arn) })),
  );
  const certificates = found.flatMap(({ certificateId, certificate }) =>
    certificate && certificate.weakness === undefined ? [{ certificateId, pem: certificate.pem }] : [],
  );
  return { ...listener, certificates };
}
