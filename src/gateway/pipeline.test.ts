import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Conflict } from '../kernel/errors.ts';
import type { RawRequest } from '../wire/raw-request.ts';
import { permissiveAuthentication } from './authentication.ts';
import { ACCOUNT, oddService, openTestGateway, refusal } from './testing.ts';

test('a call goes all the way: decoded, handled, encoded, recorded', async () => {
  const test = openTestGateway();
  const ecs = await test.client('ecs');
  const { cluster }: any = await ecs.send('CreateCluster', { clusterName: 'a', tags: [{ key: 'k', value: 'v' }] });
  assert.deepEqual([cluster.clusterName, cluster.status], ['a', 'ACTIVE']);
  const line = JSON.parse(test.logged.at(-1) ?? '');
  assert.deepEqual(
    [line.call, line.status, line.by, line.region, line.from],
    ['ecs:CreateCluster', 200, 'arn:aws:iam::123456789012:root', 'eu-central-1', '127.0.0.1'],
  );
  assert.ok(line.requestId);
  assert.ok(!test.logged.join('').includes('clusterName'), 'inputs may hold secrets: they are not logged');
  await test.close();
});

test('the caller’s errors are answered as they are, with the model’s code', async () => {
  const test = openTestGateway();
  const ecs = await test.client('ecs');
  const gone = await refusal(ecs.send('ListTasks', { cluster: 'gone' }));
  assert.equal(gone, '400 ClusterNotFoundException: Cluster not found.');
  assert.match(
    await refusal(ecs.send('RunTask', {})),
    /^400 InvalidParameterException: TaskDefinition can not be blank/,
  );
  assert.equal(JSON.parse(test.logged.at(-1) ?? '').error, 'InvalidParameterException');
  await test.close();
});

test('what belongs to another account is denied, in AWS’s words', async () => {
  const test = openTestGateway();
  const cluster = 'arn:aws:ecs:eu-central-1:111122223333:cluster/default';
  assert.equal(
    await refusal((await test.client('ecs')).send('DeleteCluster', { cluster })),
    `400 AccessDeniedException: User: arn:aws:iam::123456789012:root is not authorized to perform: ecs:DeleteCluster on resource: ${cluster} because no resource-based policy allows the ecs:DeleteCluster action`,
  );
  await test.close();
});

test('a bug is answered with the request’s id, and with nothing of its text', async () => {
  const test = openTestGateway({}, [
    oddService(async () => {
      throw new TypeError('the password is hunter2');
    }),
  ]);
  const client = await test.client('logs');
  const seen = await refusal(client.send('DescribeLogGroups', {}));
  assert.match(seen, /^500 InternalFailure: The request processing has failed .* \(Request ID: [0-9a-f-]{36}\)$/);
  const id = /Request ID: ([0-9a-f-]+)/.exec(seen)?.[1] ?? '';
  assert.ok(
    !test.answers
      .map((answer) => JSON.stringify(answer.headers) + answer.body.toString())
      .join('')
      .includes('hunter2'),
  );
  const logged = test.logged.find((line) => line.includes(id) && line.includes('a request failed')) ?? '';
  assert.match(logged, /TypeError: the password is hunter2\\n/, 'the log has it whole');
  await test.close();
});

test('every answer names its request', async () => {
  const test = openTestGateway();
  const calls = [
    ['ecs', 'ListClusters'],
    ['sts', 'GetCallerIdentity'],
    ['ec2', 'DescribeVpcs'],
    ['route53', 'ListHostedZones'],
  ] as const;
  for (const [service, operation] of calls) await refusal((await test.client(service)).send(operation, {}));
  const ids = test.answers.map((answer) => {
    const headers = Object.entries(answer.headers).map(([name, value]) => [name.toLowerCase(), value]);
    return Object.fromEntries(headers)['x-amzn-requestid'];
  });
  for (const id of ids) assert.match(String(id), /^[0-9a-f-]{36}$/);
  assert.equal(new Set(ids).size, 4);
  await test.close();
});

test('a row that moved makes the call run again; one that always moves is an answer the client retries', async () => {
  let attempts = 0;
  const untilThird = oddService(async () => {
    attempts += 1;
    if (attempts < 3) throw new Conflict('moved');
    return { logGroups: [] };
  });
  const test = openTestGateway({}, [untilThird]);
  assert.deepEqual(await (await test.client('logs')).send('DescribeLogGroups', {}), { logGroups: [] });
  assert.equal(attempts, 3);
  await test.close();

  const always = openTestGateway({}, [
    oddService(async () => {
      throw new Conflict('row x is at revision 7');
    }),
  ]);
  const seen = await refusal((await always.client('logs')).send('DescribeLogGroups', {}));
  assert.equal(seen, '503 ServiceUnavailableException: The resource was changed at the same time. Try again.');
  await always.close();
});

test('a request that is nothing at all is answered, too', async () => {
  const test = openTestGateway();
  const bare: RawRequest = { method: 'GET', rawUrl: '/', headers: [['Host', 'x']], body: Buffer.from('') };
  const requests: RawRequest[] = [
    bare,
    { ...bare, method: 'POST', headers: [...bare.headers, ['X-Amz-Target', 'Nobody.Nothing']] },
    {
      ...bare,
      method: 'POST',
      headers: [['Content-Type', 'application/x-www-form-urlencoded']],
      body: Buffer.from('Action=%ZZ'),
    },
    { ...bare, rawUrl: '/2013-04-01/%ZZ' },
    { ...bare, method: 'PUT', rawUrl: '/no/such/path', body: Buffer.from([0xff, 0xfe]) },
  ];
  for (const request of requests) {
    const { status, body } = await test.answer(request);
    assert.ok(status >= 400 && status < 500, `${request.method} ${request.rawUrl} answered ${status}`);
    assert.ok(body.length > 0);
  }
  assert.deepEqual(
    test.logged.filter((line) => line.includes('a request failed')),
    [],
  );
  await test.close();
});

test('a body that cannot be read is the caller’s error', async () => {
  const test = openTestGateway({ authenticate: permissiveAuthentication(ACCOUNT, 'us-east-1') });
  const send = async (text: string) => {
    const client = await test.client('ecs', {}, (request) => ({ ...request, body: Buffer.from(text) }));
    return refusal(client.send('CreateCluster', {}));
  };
  for (const text of ['{"clusterName":', '[]', '{"clusterName":1}', '\u0000']) {
    assert.match(await send(text), /^400 SerializationException/, text);
  }
  assert.equal(await send(''), 'accepted');
  await test.close();
});

test('a call whose signature does not hold is recorded in the server’s region, whatever it claims', async () => {
  const test = openTestGateway();
  const send = async (region: string) => {
    const claim = (value: string) => value.replace('/eu-central-1/', `/${region}/`);
    const headers = ({ headers: all }: RawRequest) => all.map(([name, value]) => [name, claim(value)] as const);
    const ecs = await test.client('ecs', {}, (request) => ({ ...request, headers: headers(request) }));
    return refusal(ecs.send('CreateCluster', {}));
  };
  assert.match(await send('nowhere-1'), /^400 InvalidSignatureException/);
  for (const region of ['a:b', 'EU', 'a_b', 'x'.repeat(33)]) {
    assert.match(
      await send(region),
      /^400 InvalidSignatureException: Credential should be scoped to a valid region\.$/,
      region,
    );
  }
  assert.deepEqual(
    test.records.map((record) => record.region),
    Array.from({ length: 5 }, () => 'us-east-1'),
  );
  await test.close();
});

test('a permissive server takes a malformed region for its own', async () => {
  const test = openTestGateway({ authenticate: permissiveAuthentication(ACCOUNT, 'us-east-1') });
  const headers = [['authorization', 'AWS4-HMAC-SHA256 Credential=a/20260101/a:b/ecs/aws4_request']] as const;
  const target = ['x-amz-target', 'AmazonEC2ContainerServiceV20141113.CreateCluster'] as const;
  const body = Buffer.from('{}');
  const { status } = await test.answer({ method: 'POST', rawUrl: '/', headers: [...headers, target], body });
  assert.deepEqual([status, test.records.at(-1)?.region], [200, 'us-east-1']);
  await test.close();
});
