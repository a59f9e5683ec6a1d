import type { AuthorizationCases } from '../../../api/authorization-cases.ts';

const SERVICE = 'arn:aws:ecs:us-east-1:123456789012:service/blue/web';
const ROLE = 'arn:aws:iam::123456789012:role/app';
const INFRASTRUCTURE = 'arn:aws:iam::123456789012:role/infrastructure';
const CLUSTER = { 'ecs:cluster': 'arn:aws:ecs:us-east-1:123456789012:cluster/blue' };

export const EXPRESS_CASES: Pick<
  AuthorizationCases<'ecs'>,
  | 'CreateExpressGatewayService'
  | 'DescribeExpressGatewayService'
  | 'UpdateExpressGatewayService'
  | 'DeleteExpressGatewayService'
> = {
  CreateExpressGatewayService: {
    input: {
      cluster: 'blue',
      serviceName: 'web',
      executionRoleArn: ROLE,
      infrastructureRoleArn: INFRASTRUCTURE,
      primaryContainer: { image: 'i' },
      cpu: '.25 vCPU',
      memory: '0.5 GB',
      networkConfiguration: { subnets: ['subnet-1'] },
      tags: [{ key: 'team', value: 'web' }],
    },
    resources: [SERVICE],
    conditions: { ...CLUSTER, 'ecs:task-cpu': '256', 'ecs:task-memory': '512', 'ecs:subnet': ['subnet-1'] },
    also: [
      { action: 'iam:PassRole', resources: [ROLE] },
      { action: 'iam:PassRole', resources: [INFRASTRUCTURE] },
      { action: 'ecs:TagResource', resources: [SERVICE] },
    ],
  },
  DescribeExpressGatewayService: { input: { serviceArn: SERVICE }, resources: [SERVICE], conditions: CLUSTER },
  UpdateExpressGatewayService: {
    input: { serviceArn: SERVICE, taskRoleArn: ROLE, cpu: '0.5 vcpu' },
    resources: [SERVICE],
    conditions: { ...CLUSTER, 'ecs:task-cpu': '512' },
    also: [{ action: 'iam:PassRole', resources: [ROLE] }],
  },
  DeleteExpressGatewayService: { input: { serviceArn: SERVICE }, resources: [SERVICE], conditions: CLUSTER },
};
