import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import { plannedRoutes, type PlannedListener, type PlannedRoutes, type VpcRows } from '../domain/route-table.ts';
import type { Elbv2Ports } from '../operation.ts';
import { listeners, loadBalancers, rules, targetGroups, targets } from '../tables.ts';

type Observed = VpcRows & { readonly vpcId: string };

export interface ApplyRoutes {
  readonly type: 'apply-routes';
  readonly vpcId: string;
  readonly routes: PlannedRoutes;
}

const TABLES: readonly string[] = [loadBalancers, listeners, rules, targetGroups, targets].map((it) => it.name);

/** Makes the plane serve what the rows of a VPC say. The key is the VPC's id. */
export function vpcRoutesReconciler(env: ServiceEnvironment<Elbv2Ports>): Reconciler<Observed, ApplyRoutes> {
  // A change of a certificate does not say which VPCs use it: these are all there are, filled by allKeys.
  const known = new Set<string>();
  return {
    name: 'elbv2.vpc-routes',
    // Often: what somebody else stopped or changed on the host is mended by this too.
    resyncEveryMs: 10_000,
    keys(change) {
      if (TABLES.includes(change.table)) return change.indexes['vpc'] ?? [];
      return change.table === 'acm.certificates' ? [...known] : [];
    },
    async allKeys(tx) {
      const rows = await tx.list(loadBalancers);
      // What runs for VPCs that have no load balancer any more is found and stopped.
      return [...new Set([...rows.map((row) => row.vpcId), ...(await env.ports.plane.list())])];
    },
    async observe(tx, vpcId) {
      known.add(vpcId);
      const where = ['vpc', vpcId] as const;
      return {
        vpcId,
        loadBalancers: await tx.list(loadBalancers, { where }),
        listeners: await tx.list(listeners, { where }),
        rules: await tx.list(rules, { where }),
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

/** A certificate that is gone is left out; the others still serve. */
async function withCertificates(
  env: ServiceEnvironment<Elbv2Ports>,
  { certificateArns, ...listener }: PlannedListener,
) {
  const found = await Promise.all(
    certificateArns.map(async (arn) => ({ certificateId: arn, pem: await env.ports.certificates(arn) })),
  );
  const certificates = found.flatMap(({ certificateId, pem }) => (pem === undefined ? [] : [{ certificateId, pem }]));
  return { ...listener, certificates };
}
