import type { Service } from '../../api/service.ts';
import type { Elbv2Ports } from './operation.ts';
import * as accountOperations from './operations/account.ts';
import * as listenerAttributeOperations from './operations/listener-attributes.ts';
import * as certificateOperations from './operations/listener-certificates.ts';
import * as listenerOperations from './operations/listeners.ts';
import * as loadBalancerSettings from './operations/load-balancer-settings.ts';
import * as loadBalancerOperations from './operations/load-balancers.ts';
import * as ruleOperations from './operations/rules.ts';
import * as tagOperations from './operations/tags.ts';
import * as targetGroupAttributes from './operations/target-group-attributes.ts';
import * as targetGroupOperations from './operations/target-groups.ts';
import * as targetOperations from './operations/targets.ts';
import * as trustStoreFileOperations from './operations/trust-store-files.ts';
import * as revocationOperations from './operations/trust-store-revocations.ts';
import * as trustStoreOperations from './operations/trust-stores.ts';
import { demandReconciler } from './reconcilers/demand.ts';
import { edgeReconciler } from './reconcilers/edge.ts';
import { keySetsReconciler } from './reconcilers/key-sets.ts';
import { loadBalancerReconciler } from './reconcilers/load-balancer.ts';
import { logsReconciler } from './reconcilers/logs.ts';
import { metricsReconciler } from './reconcilers/metrics.ts';
import { targetsReconciler } from './reconcilers/targets.ts';
import { vpcRoutesReconciler } from './reconcilers/vpc-routes.ts';
import {
  keySets,
  listeners,
  loadBalancers,
  logDeliveries,
  revocations,
  rules,
  targetGroups,
  targets,
  trustStores,
} from './tables.ts';
import { tagsOfArn } from './tagged.ts';

export type { Elbv2Ports } from './operation.ts';
export { TRUST_STORE_FILES_PATH, TrustStoreFiles } from './trust-store-files.ts';

/** Elastic Load Balancing (version 2): application and network load balancers. */
export const elbv2: Service<Elbv2Ports> = {
  name: 'elbv2',
  principal: 'elasticloadbalancing.amazonaws.com',
  operations: {
    ...accountOperations,
    ...certificateOperations,
    ...listenerAttributeOperations,
    ...listenerOperations,
    ...loadBalancerSettings,
    ...loadBalancerOperations,
    ...ruleOperations,
    ...tagOperations,
    ...targetGroupAttributes,
    ...targetGroupOperations,
    ...targetOperations,
    ...revocationOperations,
    ...trustStoreOperations,
    ...trustStoreFileOperations,
  },
  tables: [loadBalancers, listeners, rules, targetGroups, targets, trustStores, revocations, keySets, logDeliveries],
  reconcilers: (env) => [
    loadBalancerReconciler(env),
    vpcRoutesReconciler(env),
    keySetsReconciler(env),
    targetsReconciler(env),
    edgeReconciler(env),
    metricsReconciler(env),
    logsReconciler(env),
    demandReconciler(env),
  ],
  resourceTags: tagsOfArn,
};
