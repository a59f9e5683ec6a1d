import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPolicy } from '../../../policy/document.ts';
import { actionsMatching, actionsOf } from '../../../policy/facts/facts.ts';
import { awsManagedPolicies, awsManagedPolicy } from './aws-managed.ts';

interface Statement {
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
}

function actionsIn(document: string): string[] {
  const { Statement: statements }: { Statement: readonly Statement[] } = JSON.parse(document);
  return [...new Set(statements.flatMap(({ Action = [], NotAction = [] }) => [Action, NotAction].flat(2)))];
}

test('every policy has a name, a path, an ARN and an id of its own', () => {
  const policies = awsManagedPolicies();
  assert.equal(new Set(policies.map(({ name }) => name)).size, policies.length);
  assert.equal(new Set(policies.map(({ id }) => id)).size, policies.length);
  for (const policy of policies) {
    assert.equal(policy.arn, `arn:aws:iam::aws:policy${policy.path}${policy.name}`);
    assert.match(policy.path, /^\/(?:(?:aws-)?service-role\/|job-function\/)?$/);
    assert.match(policy.id, /^ANPA[A-Z2-7]{17}$/);
    assert.match(policy.versionId, /^v\d+$/);
    assert.ok(policy.createdAtMs <= policy.updatedAtMs, policy.name);
    assert.ok(policy.description.length > 0 && policy.description.length <= 1000);
    assert.equal(awsManagedPolicy(policy.arn), policy);
  }
});

test('what container users attach is there by the ARNs that they know', () => {
  const known = [
    'service-role/AmazonECSTaskExecutionRolePolicy',
    'service-role/AmazonEC2ContainerServiceforEC2Role',
    'service-role/AmazonECSInfrastructureRolePolicyForVolumes',
    'service-role/AmazonECSInfrastructureRoleforExpressGatewayServices',
    'aws-service-role/AmazonECSServiceRolePolicy',
    'aws-service-role/AWSElasticLoadBalancingServiceRolePolicy',
    'aws-service-role/AWSApplicationAutoscalingECSServicePolicy',
    'AmazonEC2ContainerRegistryPowerUser',
    'AmazonECS_FullAccess',
    'AWSCodeDeployRoleForECS',
    'job-function/ViewOnlyAccess',
    'ReadOnlyAccess',
    'AdministratorAccess',
  ];
  for (const name of known) assert.ok(awsManagedPolicy(`arn:aws:iam::aws:policy/${name}`), name);
  assert.equal(awsManagedPolicy('arn:aws:iam::aws:policy/AmazonECSTaskExecutionRolePolicy'), undefined);
});

test('ids stay the same over starts', () => {
  assert.equal(awsManagedPolicy('arn:aws:iam::aws:policy/PowerUserAccess')?.id, 'ANPAVZOBAC64ANM6NSDZM');
});

test('every document is a policy', () => {
  for (const { name, document } of awsManagedPolicies()) {
    assert.equal(checkPolicy(document, 'identity')?.message, undefined, name);
  }
});

test('AWS has every action that is named', async () => {
  for (const { name, document } of awsManagedPolicies()) {
    for (const action of actionsIn(document)) assert.ok(await isKnown(action), `${name}: ${action}`);
  }
});

const namesOfServices = new Map<string, ReadonlySet<string>>();

async function isKnown(action: string): Promise<boolean> {
  if (/[*?]/.test(action)) return (await actionsMatching(action === '*' ? 'ecs:*' : action)).length > 0;
  const service = action.split(':')[0] ?? '';
  const names = namesOfServices.get(service) ?? new Set(await actionsOf(service));
  namesOfServices.set(service, names);
  return names.has(action);
}
