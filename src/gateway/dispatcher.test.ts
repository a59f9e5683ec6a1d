import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Context } from '../api/context.ts';
import { Conflict } from '../kernel/errors.ts';
import { allowed } from './testing-directory.ts';
import { BUILT, ROOT, oddService, openTestGateway } from './testing.ts';

const CALL = {
  account: '123456789012',
  region: 'us-east-1',
  principal: ROOT,
  requestId: 'r1',
  service: 'logs',
  operation: 'DescribeLogGroups',
  input: {},
  facts: { sourceIp: '127.0.0.1', secure: false },
} as const;

test('only what a service lists is found, whatever objects have besides', async () => {
  const gateway = openTestGateway();
  assert.equal(gateway.dispatcher.find('ecs', 'CreateCluster')?.name, 'CreateCluster');
  for (const name of ['constructor', '__proto__', 'toString', 'createCluster', '']) {
    assert.equal(gateway.dispatcher.find('ecs', name), undefined, name);
  }
  assert.equal(gateway.dispatcher.find('logs', 'DescribeLogGroups'), undefined);
  await assert.rejects(gateway.dispatcher.handle(CALL), { code: 'NotSupported', httpStatus: 501 });
  await gateway.close();
});

test('a service calls another under its own name, in the same scope and for the same request', async () => {
  const seen: Context[] = [];
  const logs = oddService(async (ctx) => {
    seen.push(ctx);
    return ctx.call('sts', 'GetCallerIdentity', {});
  });
  const gateway = openTestGateway({}, [...BUILT, logs]);
  assert.deepEqual(await gateway.dispatcher.authorize(CALL), ['*']);
  const answer: any = await gateway.dispatcher.handle(CALL);
  assert.equal(answer.Arn, 'arn:aws:iam::123456789012:service-principal/logs.amazonaws.com');
  assert.deepEqual(
    [seen[0]?.region, seen[0]?.account, seen[0]?.requestId, seen[0]?.principal.arn],
    ['us-east-1', '123456789012', 'r1', ROOT.arn],
  );
  const elsewhere = gateway.dispatcher.callAs('ecs', { account: '111122223333', region: 'eu-west-1' });
  assert.equal((await elsewhere('sts', 'GetCallerIdentity', {})).Account, '111122223333');
  await assert.rejects(elsewhere('ec2', 'DescribeVpcs', {}), {
    code: 'NotSupported',
    message: 'Longshore does not support ec2:DescribeVpcs yet.',
  });
  await gateway.close();
});

test('a service goes on in the name of its caller, who needs the permission', async () => {
  const logs = oddService(async (ctx) => ctx.callAsCaller('ecs', 'ListClusters', {}));
  const gateway = openTestGateway({}, [...BUILT, logs]);
  const principal = { ...ROOT, kind: 'user' as const, arn: 'arn:aws:iam::123456789012:user/ann', userId: 'A' };
  await assert.rejects(gateway.dispatcher.handle({ ...CALL, principal }), {
    code: 'AccessDeniedException',
    message: /user\/ann is not authorized to perform: ecs:ListClusters/,
  });
  const viaLogs = { StringEquals: { 'aws:CalledViaFirst': 'logs.amazonaws.com' } };
  const statement = { Effect: 'Allow', Action: 'ecs:ListClusters', Resource: '*', Condition: viaLogs } as const;
  gateway.directory.policies.set(principal.arn, allowed(statement));
  assert.ok(await gateway.dispatcher.handle({ ...CALL, principal }));
  await gateway.close();
});

test('what policy forbids is not handled', async () => {
  const gateway = openTestGateway({}, [oddService(async () => ({}))]);
  const principal = { ...ROOT, kind: 'assumed-role' as const, arn: 'arn:aws:sts::123456789012:assumed-role/app/task1' };
  await assert.rejects(gateway.dispatcher.authorize({ ...CALL, principal }), {
    code: 'AccessDeniedException',
    message: /assumed-role\/app\/task1 is not authorized to perform: logs:DescribeLogGroups/,
  });
  await gateway.close();
});

test('a call that names nothing needs the action on all', async () => {
  const gateway = openTestGateway({}, BUILT);
  const principal = {
    kind: 'user' as const,
    account: ROOT.account,
    arn: 'arn:aws:iam::123456789012:user/ann',
    userId: 'A',
  };
  const call = { ...CALL, principal, service: 'ecs', operation: 'DescribeTasks', input: { tasks: [] } } as const;
  const policy = (Resource: string) => allowed({ Effect: 'Allow', Action: 'ecs:*', Resource });
  gateway.directory.policies.set(principal.arn, policy('arn:aws:ecs:us-east-1:123456789012:task/*'));
  await assert.rejects(gateway.dispatcher.authorize(call), {
    code: 'AccessDeniedException',
    message: /is not authorized to perform: ecs:DescribeTasks on resource: \* because/,
  });
  gateway.directory.policies.set(principal.arn, policy('*'));
  assert.deepEqual(await gateway.dispatcher.authorize(call), []);
  await gateway.close();
});

test('a conflict is tried five times; any other failure once', async () => {
  for (const [error, expected] of [
    [new Conflict('moved'), 5],
    [new Error('a bug'), 1],
  ] as const) {
    let attempts = 0;
    const logs = oddService(async () => {
      attempts += 1;
      throw error;
    });
    const gateway = openTestGateway({}, [logs]);
    await assert.rejects(gateway.dispatcher.handle(CALL), error);
    assert.equal(attempts, expected);
    await gateway.close();
  }
});
