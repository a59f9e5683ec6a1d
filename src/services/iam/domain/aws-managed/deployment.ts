import { allow, awsManaged, passRoleTo, type AwsManagedPolicy } from './managed-policy.ts';

const TASK_SETS = { ecs: 'DescribeServices CreateTaskSet UpdateServicePrimaryTaskSet DeleteTaskSet' };
const SHIFT_TRAFFIC = {
  elasticloadbalancing: 'DescribeListeners DescribeRules DescribeTargetGroups ModifyListener ModifyRule',
};

/**
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/managed-policies.html and
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/security-iam-awsmanpol.html
 */
export const DEPLOYMENT_POLICIES: readonly AwsManagedPolicy[] = [
  awsManaged({
    name: 'AWSCodeDeployRoleForECS',
    description: 'What AWS CodeDeploy does in blue/green deployments of Amazon ECS.',
    created: '2018-11-27T20:40:57',
    updated: '2019-09-23T22:37:46',
    version: 'v3',
    statements: [
      allow('TaskSets', TASK_SETS),
      allow('ShiftTraffic', SHIFT_TRAFFIC),
      allow('Hooks', { lambda: 'InvokeFunction' }),
      allow('AlarmsAndNews', { cloudwatch: 'DescribeAlarms', sns: 'Publish' }),
      allow('Revisions', { s3: 'GetObject GetObjectVersion' }),
      passRoleTo('RolesOfTasks', 'ecs-tasks.amazonaws.com'),
    ],
  }),
  awsManaged({
    name: 'AWSCodeDeployRoleForECSLimited',
    description: 'What AWS CodeDeploy does in blue/green deployments of Amazon ECS, on what is named for it only.',
    created: '2018-11-27T20:42:42',
    updated: '2019-09-23T22:10:29',
    version: 'v3',
    statements: [
      allow('TaskSets', TASK_SETS),
      allow('ShiftTraffic', SHIFT_TRAFFIC),
      allow('Hooks', { lambda: 'InvokeFunction' }, { on: 'arn:aws:lambda:*:*:function:CodeDeployHook_*' }),
      allow('Alarms', { cloudwatch: 'DescribeAlarms' }),
      allow('News', { sns: 'Publish' }, { on: 'arn:aws:sns:*:*:CodeDeployTopic_*' }),
      allow(
        'Revisions',
        { s3: 'GetObject GetObjectVersion' },
        { when: { StringEquals: { 's3:ExistingObjectTag/UseWithCodeDeploy': 'true' } } },
      ),
      passRoleTo('RolesOfTasks', 'ecs-tasks.amazonaws.com', [
        'arn:aws:iam::*:role/ecsTaskExecutionRole',
        'arn:aws:iam::*:role/ECSTaskExecution*',
      ]),
    ],
  }),
  awsManaged({
    name: 'AWSCloudFormationFullAccess',
    description: 'All of AWS CloudFormation; what stacks are made of is allowed apart.',
    created: '2019-07-26T21:50:35',
    statements: [allow('Stacks', { cloudformation: '*' })],
  }),
  awsManaged({
    name: 'AWSCloudFormationReadOnlyAccess',
    description: 'Looking at AWS CloudFormation.',
    created: '2015-02-06T18:39:49',
    updated: '2026-02-12T18:02:00',
    version: 'v7',
    statements: [
      allow('Stacks', {
        cloudformation: 'BatchDescribe* Describe* Detect* EstimateTemplateCost Get* List* ValidateTemplate',
      }),
    ],
  }),
];
