import type { Service } from '../../api/service.ts';
import type { EcsPorts } from './operation.ts';
import * as clusterOperations from './operations/clusters.ts';
import * as serviceOperations from './operations/services.ts';
import * as tagOperations from './operations/tags.ts';
import * as taskDefinitionOperations from './operations/task-definitions.ts';
import * as taskOperations from './operations/tasks.ts';
import { reaper } from './reconcilers/reaper.ts';
import { serviceReconciler } from './reconcilers/service.ts';
import { taskReconciler } from './reconcilers/task.ts';
import { tagsOfArn } from './tagged.ts';
import { clusters, families, services, taskDefinitions, tasks } from './tables.ts';

export { taskReports } from './task-reports.ts';
export { taskRoles } from './task-roles.ts';
export type { EcsPorts } from './operation.ts';

export const ecs: Service<EcsPorts> = {
  name: 'ecs',
  principal: 'ecs.amazonaws.com',
  operations: {
    ...clusterOperations,
    ...taskDefinitionOperations,
    ...taskOperations,
    ...serviceOperations,
    ...tagOperations,
  },
  tables: [clusters, families, taskDefinitions, tasks, services],
  resourceTags: tagsOfArn,
  reconcilers: (env) => [taskReconciler(env), serviceReconciler(env), reaper(env)],
};
