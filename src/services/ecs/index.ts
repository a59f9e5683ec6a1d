import type { Service } from '../../api/service.ts';
import type { EcsPorts } from './operation.ts';
import { capacityAttachments, capacityProviders } from './capacity-provider-tables.ts';
import { managedInstances } from './managed-instance-tables.ts';
import { managedInstancesReconciler } from './reconcilers/managed-instances.ts';
import { containerInstances } from './container-instance-tables.ts';
import * as accountSettingOperations from './operations/account-settings.ts';
import * as attributeOperations from './operations/attributes.ts';
import * as capacityProviderOperations from './operations/capacity-providers.ts';
import * as clusterOperations from './operations/clusters.ts';
import * as containerInstanceOperations from './operations/container-instances.ts';
import * as daemonDeploymentOperations from './operations/daemon-deployments.ts';
import { daemonDefinitionReconciler } from './daemons/definition-reconciler.ts';
import * as daemonOperations from './operations/daemons.ts';
import { daemonReconciler } from './daemons/reconciler.ts';
import {
  daemonDeployments,
  daemonFamilies,
  daemonRevisions,
  daemonTaskDefinitions,
  daemons,
} from './daemons/tables.ts';
import * as daemonTaskDefinitionOperations from './operations/daemon-task-definitions.ts';
import { ExecuteCommand } from './operations/execute-command.ts';
import * as expressGatewayServiceOperations from './operations/express-gateway-services.ts';
import { RunTask } from './operations/run-task.ts';
import { StartTask } from './operations/start-task.ts';
import { CreateService } from './operations/create-service.ts';
import * as serviceDeploymentOperations from './operations/service-deployments.ts';
import * as serviceRevisionOperations from './operations/service-revisions.ts';
import * as serviceOperations from './operations/services.ts';
import { UpdateService } from './operations/update-service.ts';
import * as tagOperations from './operations/tags.ts';
import * as taskDefinitionOperations from './operations/task-definitions.ts';
import * as taskProtectionOperations from './operations/task-protection.ts';
import * as taskSetOperations from './operations/task-sets.ts';
import * as taskOperations from './operations/tasks.ts';
import { expressReconciler } from './express/reconciler.ts';
import { expressGateways, expressServices } from './express/tables.ts';
import { ListServicesByNamespace } from './operations/services-by-namespace.ts';
import { connectReconciler } from './reconcilers/service-connect.ts';
import { discoveriesReconciler } from './reconcilers/service-connect-discoveries.ts';
import { connectAddresses, connectDiscoveries } from './service-connect-tables.ts';
import { registryReconciler } from './reconcilers/registry.ts';
import { capacityAttachmentReconciler } from './reconcilers/capacity-attachment.ts';
import { capacityProviderReconciler } from './reconcilers/capacity-provider.ts';
import { clusterCapacityReconciler } from './reconcilers/cluster-capacity.ts';
import { reaper } from './reconcilers/reaper.ts';
import { serviceReconciler } from './reconcilers/service.ts';
import { taskDefinitionReconciler } from './reconcilers/task-definition.ts';
import { taskSetReconciler } from './reconcilers/task-set.ts';
import { taskReconciler } from './reconcilers/task.ts';
import { taskSets } from './domain/task-set.ts';
import { serviceDeployments, serviceRevisions } from './service-tables.ts';
import { tagsOfArn } from './tagged.ts';
import { accountSettings } from './account-setting-tables.ts';
import { clientTokens, clusters, families, services, taskDefinitions, taskTimelines, tasks } from './tables.ts';

export { AGENT_CAPABILITIES, AGENT_PORTS, PRIVILEGED } from './domain/agent-capabilities.ts';
export { agentReports } from './agent-reports.ts';
export type { AgentReports, RegisteredInstance } from './agent-reports.ts';
export { interruptSpotTask } from './spot-interruption.ts';
export { clusterCapacities, runningTasks } from './running-tasks.ts';
export type { ClusterCapacity, ListClusterCapacities, ListRunningTasks, RunningTask } from './running-tasks.ts';
export { taskReports } from './task-reports.ts';
export { taskMetadataFinder } from './task-metadata.ts';
export type { FindMetadata, MetadataTarget } from './task-metadata.ts';
export { taskRoles } from './task-roles.ts';
export { findTask, taskStory } from './task-story.ts';
export { findServiceRow, serviceStory } from './service-story.ts';
export { taskTimeline } from './timeline.ts';
export type { TaskTimeline } from './timeline.ts';
export { hookAnswerOf } from './domain/deployment-hooks.ts';
export type { ExecLogging } from './domain/exec-logging.ts';
export type { DeploymentHooks, EcsPorts } from './operation.ts';

export const ecs: Service<EcsPorts> = {
  name: 'ecs',
  principal: 'ecs.amazonaws.com',
  operations: {
    ...accountSettingOperations,
    ...attributeOperations,
    ...capacityProviderOperations,
    ...clusterOperations,
    ...containerInstanceOperations,
    ...taskDefinitionOperations,
    RunTask,
    StartTask,
    ...taskOperations,
    ...taskProtectionOperations,
    ExecuteCommand,
    CreateService,
    UpdateService,
    ...serviceOperations,
    ListServicesByNamespace,
    ...serviceDeploymentOperations,
    ...serviceRevisionOperations,
    ...expressGatewayServiceOperations,
    ...taskSetOperations,
    ...daemonTaskDefinitionOperations,
    ...daemonOperations,
    ...daemonDeploymentOperations,
    ...tagOperations,
  },
  tables: [
    clusters,
    containerInstances,
    capacityProviders,
    capacityAttachments,
    managedInstances,
    families,
    taskDefinitions,
    tasks,
    taskTimelines,
    clientTokens,
    accountSettings,
    services,
    serviceRevisions,
    serviceDeployments,
    connectAddresses,
    connectDiscoveries,
    expressServices,
    expressGateways,
    taskSets,
    daemonFamilies,
    daemonTaskDefinitions,
    daemons,
    daemonRevisions,
    daemonDeployments,
  ],
  resourceTags: tagsOfArn,
  reconcilers: (env) => [
    taskReconciler(env),
    serviceReconciler(env),
    expressReconciler(env),
    taskSetReconciler(env),
    registryReconciler(env),
    connectReconciler(env),
    discoveriesReconciler(env),
    taskDefinitionReconciler(env),
    daemonDefinitionReconciler(env),
    daemonReconciler(env),
    capacityProviderReconciler(env),
    capacityAttachmentReconciler(env),
    clusterCapacityReconciler(env),
    managedInstancesReconciler(env),
    reaper(env),
  ],
};
