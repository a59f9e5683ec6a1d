import type { Service } from '../../api/service.ts';
import { tagsOfArn } from './lookup.ts';
import type { ServiceDiscoveryPorts } from './operation.ts';
import * as discoverOperations from './operations/discover.ts';
import * as healthOperations from './operations/instance-health.ts';
import * as instanceOperations from './operations/instances.ts';
import * as namespaceUpdates from './operations/namespace-updates.ts';
import * as namespaceOperations from './operations/namespaces.ts';
import * as operationOperations from './operations/operations.ts';
import * as attributeOperations from './operations/service-attributes.ts';
import * as serviceOperations from './operations/services.ts';
import * as tagOperations from './operations/tags.ts';
import { namespaceReconciler } from './reconcilers/namespace.ts';
import { instances, namespaces, operations, services } from './tables.ts';

export type { ServiceDiscoveryPorts } from './operation.ts';

/** AWS Cloud Map: names of services and where their instances are, by DNS and by DiscoverInstances. */
export const servicediscovery: Service<ServiceDiscoveryPorts> = {
  name: 'servicediscovery',
  principal: 'servicediscovery.amazonaws.com',
  operations: {
    ...namespaceOperations,
    ...namespaceUpdates,
    ...serviceOperations,
    ...attributeOperations,
    ...instanceOperations,
    ...healthOperations,
    ...discoverOperations,
    ...operationOperations,
    ...tagOperations,
  },
  tables: [namespaces, services, instances, operations],
  resourceTags: tagsOfArn,
  reconcilers: (env) => [namespaceReconciler(env)],
};
