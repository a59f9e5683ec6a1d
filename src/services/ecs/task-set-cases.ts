import type { AuthorizationCases } from '../../api/authorization-cases.ts';

const ARN = 'arn:aws:ecs:us-east-1:123456789012';
const SETS = `${ARN}:task-set/blue/web`;
const WEB = { cluster: 'blue', service: 'web' };
const CLUSTER = { 'ecs:cluster': `${ARN}:cluster/blue` };
const CONDITIONS = { ...CLUSTER, 'ecs:service': `${ARN}:service/blue/web` };

export const TASK_SET_CASES: Pick<
  AuthorizationCases<'ecs'>,
  'CreateTaskSet' | 'DescribeTaskSets' | 'UpdateTaskSet' | 'UpdateServicePrimaryTaskSet' | 'DeleteTaskSet'
> = {
  CreateTaskSet: {
    input: {
      ...WEB,
      taskDefinition: 'site',
      capacityProviderStrategy: [{ capacityProvider: 'FARGATE' }],
      tags: [{ key: 'team', value: 'web' }],
    },
    resources: [`${SETS}/*`],
    conditions: {
      ...CONDITIONS,
      'ecs:task-definition': 'site',
      'ecs:capacity-provider': [`${ARN}:capacity-provider/FARGATE`],
    },
    also: [{ action: 'ecs:TagResource', resources: [`${SETS}/*`] }],
  },
  DescribeTaskSets: {
    input: { ...WEB, taskSets: ['ecs-svc/1', `${SETS}/ecs-svc/2`] },
    resources: [`${SETS}/ecs-svc/1`, `${SETS}/ecs-svc/2`],
    conditions: CONDITIONS,
  },
  UpdateTaskSet: {
    input: { ...WEB, taskSet: 'ecs-svc/1', scale: { value: 50, unit: 'PERCENT' } },
    resources: [`${SETS}/ecs-svc/1`],
    conditions: CONDITIONS,
  },
  UpdateServicePrimaryTaskSet: {
    input: { ...WEB, primaryTaskSet: 'ecs-svc/1' },
    resources: [`${ARN}:service/blue/web`],
    conditions: CLUSTER,
  },
  DeleteTaskSet: {
    input: { ...WEB, taskSet: 'ecs-svc/1' },
    resources: [`${SETS}/ecs-svc/1`],
    conditions: CONDITIONS,
  },
};
