import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConditionValues } from '../../../policy/model.ts';
import { awsManagedPolicies } from './aws-managed.ts';
import { simulate, simulatedPolicy } from './simulation.ts';

const ACCOUNT = '123456789012';
const REPOSITORY = `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/web`;
const SERVICE = `arn:aws:ecs:us-east-1:${ACCOUNT}:service/default/web`;
const TASK_DEFINITION = `arn:aws:ecs:us-east-1:${ACCOUNT}:task-definition/web:1`;
const TARGET_GROUP = `arn:aws:elasticloadbalancing:us-east-1:${ACCOUNT}:targetgroup/web/0123456789abcdef`;
const LISTENER = `arn:aws:elasticloadbalancing:us-east-1:${ACCOUNT}:listener/app/web/0123/4567`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/web`;
const VOLUME = `arn:aws:ec2:us-east-1:${ACCOUNT}:volume/vol-1`;
const LOG_STREAM = `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/ecs/web:log-stream:a`;

type Case = readonly [action: string, resource: string, context?: ConditionValues];

/** By policy, samples of what it grants and of what it does not. */
const GRANTS: Readonly<Record<string, { readonly may: readonly Case[]; readonly mayNot: readonly Case[] }>> = {
  AmazonECSTaskExecutionRolePolicy: {
    may: [
      ['ecr:GetAuthorizationToken', '*'],
      ['ecr:BatchGetImage', REPOSITORY],
      ['logs:PutLogEvents', LOG_STREAM],
    ],
    mayNot: [
      ['ecr:PutImage', REPOSITORY],
      ['logs:CreateLogGroup', '*'],
      ['ssm:GetParameters', '*'],
    ],
  },
  AmazonEC2ContainerRegistryPullOnly: {
    may: [['ecr:BatchGetImage', REPOSITORY]],
    mayNot: [
      ['ecr:DescribeRepositories', REPOSITORY],
      ['ecr:PutImage', REPOSITORY],
    ],
  },
  AmazonEC2ContainerRegistryReadOnly: {
    may: [
      ['ecr:BatchGetImage', REPOSITORY],
      ['ecr:DescribeImages', REPOSITORY],
    ],
    mayNot: [
      ['ecr:PutImage', REPOSITORY],
      ['ecr:InitiateLayerUpload', REPOSITORY],
    ],
  },
  AmazonEC2ContainerRegistryPowerUser: {
    may: [
      ['ecr:GetAuthorizationToken', '*'],
      ['ecr:BatchGetImage', REPOSITORY],
      ['ecr:InitiateLayerUpload', REPOSITORY],
      ['ecr:PutImage', REPOSITORY],
    ],
    mayNot: [
      ['ecr:CreateRepository', REPOSITORY],
      ['ecr:DeleteRepository', REPOSITORY],
      ['ecr:BatchDeleteImage', REPOSITORY],
      ['ecr:SetRepositoryPolicy', REPOSITORY],
      ['ecs:ListClusters', '*'],
    ],
  },
  AmazonEC2ContainerRegistryFullAccess: {
    may: [
      ['ecr:DeleteRepository', REPOSITORY],
      ['iam:CreateServiceLinkedRole', ROLE, { 'iam:awsservicename': 'replication.ecr.amazonaws.com' }],
    ],
    mayNot: [
      ['iam:CreateServiceLinkedRole', ROLE, { 'iam:awsservicename': 'ecs.amazonaws.com' }],
      ['ecs:RunTask', TASK_DEFINITION],
    ],
  },
  AmazonECS_FullAccess: {
    may: [
      ['ecs:DeleteService', SERVICE],
      ['elasticloadbalancing:CreateLoadBalancer', '*'],
      ['iam:PassRole', ROLE, { 'iam:passedtoservice': 'ecs-tasks.amazonaws.com' }],
      ['ssm:GetParameters', `arn:aws:ssm:us-east-1::parameter/aws/service/ecs/optimized-ami`],
    ],
    mayNot: [
      ['iam:PassRole', ROLE, { 'iam:passedtoservice': 'ec2.amazonaws.com' }],
      ['iam:PassRole', ROLE],
      ['ecr:PutImage', REPOSITORY],
      ['ec2:DeleteSecurityGroup', `arn:aws:ec2:us-east-1:${ACCOUNT}:security-group/sg-1`],
    ],
  },
  AmazonECSInfrastructureRolePolicyForLoadBalancers: {
    may: [
      ['elasticloadbalancing:RegisterTargets', TARGET_GROUP],
      ['elasticloadbalancing:ModifyListener', LISTENER],
    ],
    mayNot: [['elasticloadbalancing:DeleteListener', LISTENER]],
  },
  AmazonECSInfrastructureRolePolicyForVolumes: {
    may: [['ec2:AttachVolume', VOLUME, { 'aws:resourcetag/amazonecsmanaged': 'true' }]],
    mayNot: [['ec2:AttachVolume', VOLUME]],
  },
  AmazonECSInfrastructureRoleforExpressGatewayServices: {
    may: [
      ['elasticloadbalancing:DescribeRules', '*'],
      ['elasticloadbalancing:CreateTargetGroup', TARGET_GROUP, { 'aws:requesttag/amazonecsmanaged': 'true' }],
      ['elasticloadbalancing:DeleteTargetGroup', TARGET_GROUP, { 'aws:resourcetag/amazonecsmanaged': 'true' }],
    ],
    mayNot: [
      ['elasticloadbalancing:CreateTargetGroup', TARGET_GROUP],
      ['elasticloadbalancing:DeleteTargetGroup', TARGET_GROUP],
      ['ecs:DeleteService', SERVICE],
    ],
  },
  AmazonECSServiceRolePolicy: {
    may: [
      ['ec2:CreateNetworkInterface', '*'],
      ['elasticloadbalancing:RegisterTargets', TARGET_GROUP],
      ['servicediscovery:RegisterInstance', '*'],
    ],
    mayNot: [
      ['ec2:RunInstances', '*'],
      ['ecs:RunTask', TASK_DEFINITION],
    ],
  },
  AmazonEC2ContainerServiceEventsRole: {
    may: [
      ['ecs:RunTask', TASK_DEFINITION],
      ['ecs:TagResource', SERVICE, { 'ecs:createaction': 'RunTask' }],
    ],
    mayNot: [['ecs:TagResource', SERVICE]],
  },
  AWSCodeDeployRoleForECS: {
    may: [
      ['ecs:CreateTaskSet', SERVICE],
      ['elasticloadbalancing:ModifyListener', LISTENER],
    ],
    mayNot: [['ecs:DeleteService', SERVICE]],
  },
  AdministratorAccess: { may: [['iam:CreateUser', `arn:aws:iam::${ACCOUNT}:user/a`]], mayNot: [] },
  PowerUserAccess: {
    may: [
      ['ecs:DeleteService', SERVICE],
      ['iam:ListRoles', '*'],
      ['iam:CreateServiceLinkedRole', ROLE],
    ],
    mayNot: [
      ['iam:CreateUser', `arn:aws:iam::${ACCOUNT}:user/a`],
      ['iam:PassRole', ROLE],
    ],
  },
  ReadOnlyAccess: {
    may: [
      ['ecs:DescribeServices', SERVICE],
      ['ecr:BatchGetImage', REPOSITORY],
      ['logs:GetLogEvents', LOG_STREAM],
      ['s3:GetObject', 'arn:aws:s3:::logs/a'],
      ['iam:SimulatePrincipalPolicy', ROLE],
      ['s3express:CreateSession', '*', { 's3express:sessionmode': 'ReadOnly' }],
    ],
    mayNot: [
      ['ecs:UpdateService', SERVICE],
      ['secretsmanager:GetSecretValue', '*'],
      ['sts:AssumeRole', ROLE],
      ['kms:Decrypt', '*'],
      ['s3express:CreateSession', '*'],
    ],
  },
  ViewOnlyAccess: {
    may: [['ecs:ListServices', '*']],
    mayNot: [
      ['s3:GetObject', 'arn:aws:s3:::logs/a'],
      ['ecr:BatchGetImage', REPOSITORY],
    ],
  },
  SecurityAudit: {
    may: [
      ['iam:GetAccountAuthorizationDetails', '*'],
      ['ecr:GetRepositoryPolicy', REPOSITORY],
    ],
    mayNot: [
      ['s3:GetObject', 'arn:aws:s3:::logs/a'],
      ['iam:CreateUser', '*'],
    ],
  },
  IAMUserChangePassword: {
    may: [['iam:ChangePassword', `arn:aws:iam::${ACCOUNT}:user/alice`]],
    mayNot: [['iam:ChangePassword', `arn:aws:iam::${ACCOUNT}:user/bob`]],
  },
  AWSCloudTrail_ReadOnlyAccess: {
    may: [['cloudtrail:LookupEvents', '*']],
    mayNot: [['cloudtrail:StopLogging', '*']],
  },
  CloudWatchLogsReadOnlyAccess: {
    may: [['logs:FilterLogEvents', LOG_STREAM]],
    mayNot: [['logs:PutLogEvents', LOG_STREAM]],
  },
  AmazonSSMManagedInstanceCore: {
    may: [['ssm:GetParameter', '*']],
    mayNot: [['ssm:PutParameter', '*']],
  },
};

for (const [name, { may, mayNot }] of Object.entries(GRANTS)) {
  test(`${name} grants what AWS's grants`, () => {
    const policy = awsManagedPolicies().find((one) => one.name === name);
    assert.ok(policy);
    const identity = [simulatedPolicy(name, policy.document)];
    const decide = ([action, resource, context = {}]: Case) => {
      const caller = {
        principal: { kind: 'user', account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:user/alice`, userId: 'AIDA' },
        values: {},
      } as const;
      const values = { 'aws:username': 'alice', ...context };
      return simulate({ caller, identity, resourceOwner: ACCOUNT, context: values }, action, resource).outcome;
    };
    for (const one of may) assert.equal(decide(one), 'allowed', `${one[0]} ${one[1]}`);
    for (const one of mayNot) assert.equal(decide(one), 'implicitDeny', `${one[0]} ${one[1]}`);
  });
}
