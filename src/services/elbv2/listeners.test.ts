import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CERTIFICATE, failing, openWorld, VPC, withListener, withLoadBalancer } from './testing.ts';

test('an HTTPS listener has a certificate and a policy, and the plane gets its PEM', async () => {
  await using world = openWorld();
  const { loadBalancerArn: LoadBalancerArn, groupArn } = await withLoadBalancer(world);
  const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn: groupArn }];
  const create = (input: object) =>
    world.service.call('CreateListener', { LoadBalancerArn, Port: 443, Protocol: 'HTTPS', DefaultActions, ...input });
  await assert.rejects(create({}), failing('ValidationError', /certificate must be specified/));
  await assert.rejects(
    create({ Certificates: [{ CertificateArn: 'arn:none' }] }),
    failing('CertificateNotFoundException'),
  );
  const Certificates = [{ CertificateArn: CERTIFICATE }];
  await assert.rejects(create({ Certificates, SslPolicy: 'nope' }), failing('SSLPolicyNotFoundException'));
  await assert.rejects(create({ Protocol: 'TCP' }), failing('UnsupportedProtocolException'));
  const { Listeners: [listener] = [] } = await create({ Certificates });
  assert.match(listener?.ListenerArn ?? '', /:listener\/app\/web\/[0-9a-f]{16}\/[0-9a-f]{16}$/);
  assert.equal(listener?.SslPolicy, 'ELBSecurityPolicy-2016-08');
  await assert.rejects(create({ Certificates }), failing('DuplicateListenerException'));

  world.certificates.set('arn:two', { pem: 'PEM two' });
  const ListenerArn = listener?.ListenerArn ?? '';
  await world.service.call('AddListenerCertificates', { ListenerArn, Certificates: [{ CertificateArn: 'arn:two' }] });
  await assert.rejects(
    world.service.call('RemoveListenerCertificates', { ListenerArn, Certificates }),
    failing('OperationNotPermittedException'),
  );
  const { Certificates: all } = await world.service.call('DescribeListenerCertificates', { ListenerArn });
  assert.deepEqual(all, [
    { CertificateArn: CERTIFICATE, IsDefault: true },
    { CertificateArn: 'arn:two', IsDefault: false },
  ]);
  await world.service.call('ModifyListener', { ListenerArn, SslPolicy: 'ELBSecurityPolicy-TLS13-1-3-2021-06' });
  await world.service.reconcile();
  const served = world.plane.tables.get(VPC)?.listeners[0];
  assert.deepEqual(
    served?.certificates.map((it) => it.pem),
    ['PEM one', 'PEM two'],
  );
  assert.equal(served?.minTlsVersion, 'TLSv1.3');
  assert.deepEqual(served.ciphers.length, 3);
  assert.deepEqual(served?.addresses, ['10.0.0.10', '10.0.1.11']);
});

test('a certificate that the plane would not take is refused, and left out where it was taken before', async () => {
  await using world = openWorld();
  const { loadBalancerArn: LoadBalancerArn, groupArn } = await withLoadBalancer(world);
  world.certificates.set('arn:weak', { pem: 'PEM weak', weakness: 'its key is too weak' });
  const weak = { Certificates: [{ CertificateArn: 'arn:weak' }] };
  const Certificates = [{ CertificateArn: CERTIFICATE }];
  const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn: groupArn }];
  const listener = { LoadBalancerArn, Port: 443, Protocol: 'HTTPS' as const, DefaultActions };
  const refused = failing(
    'UnsupportedCertificate',
    /'arn:weak' must have .* a supported key size\. \(its key is too weak\)/,
  );
  await assert.rejects(world.service.call('CreateListener', { ...listener, ...weak }), refused);
  const { Listeners = [] } = await world.service.call('CreateListener', { ...listener, Certificates });
  const ListenerArn = Listeners[0]?.ListenerArn ?? '';
  await assert.rejects(world.service.call('AddListenerCertificates', { ListenerArn, ...weak }), refused);
  await assert.rejects(world.service.call('ModifyListener', { ListenerArn, ...weak }), refused);

  world.certificates.set('arn:two', { pem: 'PEM two' });
  await world.service.call('AddListenerCertificates', { ListenerArn, Certificates: [{ CertificateArn: 'arn:two' }] });
  world.certificates.set('arn:two', { pem: 'PEM two', weakness: 'its key is too weak' });
  await world.service.reconcile();
  assert.deepEqual(world.plane.tables.get(VPC)?.listeners[0]?.certificates, [
    { certificateId: CERTIFICATE, pem: 'PEM one' },
  ]);
});

test('a listener that is modified keeps what others change meanwhile', async () => {
  await using world = openWorld();
  const { loadBalancerArn: LoadBalancerArn, groupArn } = await withLoadBalancer(world);
  for (const name of ['two', 'three']) world.certificates.set(`arn:${name}`, { pem: `PEM ${name}` });
  const one = [{ CertificateArn: CERTIFICATE }];
  const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn: groupArn }];
  const { Listeners = [] } = await world.service.call('CreateListener', {
    LoadBalancerArn,
    Port: 443,
    Protocol: 'HTTPS',
    Certificates: one,
    DefaultActions,
  });
  const ListenerArn = Listeners[0]?.ListenerArn ?? '';
  const arns = async () => {
    const { Certificates = [] } = await world.service.call('DescribeListenerCertificates', { ListenerArn });
    return Certificates.map((it) => it.CertificateArn);
  };
  world.neighbours.meanwhile = async () => {
    world.neighbours.meanwhile = async () => undefined;
    const Certificates = [{ CertificateArn: 'arn:two' }];
    await world.service.call('AddListenerCertificates', { ListenerArn, Certificates });
  };
  await world.service.call('ModifyListener', { ListenerArn, Certificates: one });
  assert.deepEqual(await arns(), [CERTIFICATE, 'arn:two']);

  await Promise.all([
    world.service.call('ModifyListener', { ListenerArn, Certificates: [{ CertificateArn: 'arn:three' }] }),
    world.service.call('ModifyListener', { ListenerArn, DefaultActions }),
  ]);
  assert.deepEqual(await arns(), ['arn:three', 'arn:two']);
});

test('actions: views show what AWS fills in; what is not built is refused by name', async () => {
  await using world = openWorld();
  const { loadBalancerArn: LoadBalancerArn, groupArn } = await withLoadBalancer(world);
  const create = (action: object, Port = 80) =>
    world.service.call('CreateListener', {
      LoadBalancerArn,
      Port,
      Protocol: 'HTTP',
      DefaultActions: [action as { Type: 'forward' }],
    });
  await assert.rejects(
    create({ Type: 'authenticate-oidc' }),
    failing('ValidationError', /'authenticate-oidc' is not supported/),
  );
  await assert.rejects(create({ Type: 'authenticate-cognito' }), failing('ValidationError', /not supported/));
  await assert.rejects(create({ Type: 'jwt-validation' }), failing('TooManyActionsException', /exactly one forward/));
  await assert.rejects(
    create({ Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_301' } }),
    failing('InvalidLoadBalancerActionException', /loop/),
  );
  const RedirectConfig = { Path: `/${'#{host}'.repeat(60)} `, StatusCode: 'HTTP_301' };
  await assert.rejects(create({ Type: 'redirect', RedirectConfig }), failing('InvalidLoadBalancerActionException'));
  await assert.rejects(
    create({ Type: 'forward', TargetGroupArn: `${groupArn.slice(0, -1)}g` }),
    failing('TargetGroupNotFoundException'),
  );
  const forward = await create({ Type: 'forward', TargetGroupArn: groupArn });
  assert.deepEqual(forward.Listeners?.[0]?.DefaultActions, [
    {
      Type: 'forward',
      TargetGroupArn: groupArn,
      ForwardConfig: {
        TargetGroups: [{ TargetGroupArn: groupArn, Weight: 1 }],
        TargetGroupStickinessConfig: { Enabled: false },
      },
    },
  ]);
  const redirect = await create(
    { Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } },
    81,
  );
  assert.deepEqual(redirect.Listeners?.[0]?.DefaultActions?.[0]?.RedirectConfig, {
    Protocol: 'HTTPS',
    Port: '443',
    Host: '#{host}',
    Path: '/#{path}',
    Query: '#{query}',
    StatusCode: 'HTTP_301',
  });
});

test('a target group belongs to one load balancer, and stays while it is used', async () => {
  await using world = openWorld();
  const { loadBalancerArn, groupArn } = await withLoadBalancer(world);
  const listenerArn = await withListener(world, loadBalancerArn, groupArn);
  const { LoadBalancers: [other] = [] } = await world.service.call('CreateLoadBalancer', {
    Name: 'other',
    Subnets: ['subnet-a', 'subnet-b'],
  });
  await assert.rejects(
    withListener(world, other?.LoadBalancerArn ?? '', groupArn),
    failing('TargetGroupAssociationLimitException'),
  );
  const TargetGroupArn = groupArn;
  await assert.rejects(world.service.call('DeleteTargetGroup', { TargetGroupArn }), failing('ResourceInUseException'));
  const { TargetGroups } = await world.service.call('DescribeTargetGroups', { LoadBalancerArn: loadBalancerArn });
  assert.deepEqual(
    TargetGroups?.map((group) => group.LoadBalancerArns),
    [[loadBalancerArn]],
  );
  await world.service.call('DeleteListener', { ListenerArn: listenerArn });
  await world.service.call('DeleteTargetGroup', { TargetGroupArn });
  await assert.rejects(
    world.service.call('DescribeTargetGroups', { TargetGroupArns: [TargetGroupArn] }),
    failing('TargetGroupNotFoundException'),
  );
});

test('rules come in the order of their priorities, the default one last, and can change places', async () => {
  await using world = openWorld();
  const { loadBalancerArn, groupArn } = await withLoadBalancer(world);
  const ListenerArn = await withListener(world, loadBalancerArn, groupArn);
  const create = async (Priority: number, path: string) => {
    const { Rules } = await world.service.call('CreateRule', {
      ListenerArn,
      Priority,
      Conditions: [{ Field: 'path-pattern', Values: [path] }],
      Actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
    });
    return Rules?.[0]?.RuleArn ?? '';
  };
  const [ten, two] = [await create(10, '/ten'), await create(2, '/two')];
  assert.match(ten, /:listener-rule\/app\/web\/[0-9a-f]{16}\/[0-9a-f]{16}\/[0-9a-f]{16}$/);
  await assert.rejects(create(2, '/x'), failing('PriorityInUseException', /'2' is currently in use/));
  const list = async () => (await world.service.call('DescribeRules', { ListenerArn })).Rules ?? [];
  assert.deepEqual(
    (await list()).map((rule) => rule.Priority),
    ['2', '10', 'default'],
  );
  await world.service.call('SetRulePriorities', {
    RulePriorities: [
      { RuleArn: ten, Priority: 2 },
      { RuleArn: two, Priority: 10 },
    ],
  });
  assert.deepEqual(
    (await list()).map((rule) => rule.Conditions?.[0]?.Values?.[0]),
    ['/ten', '/two', undefined],
  );
  const defaultArn = (await list()).at(-1)?.RuleArn ?? '';
  await assert.rejects(
    world.service.call('DeleteRule', { RuleArn: defaultArn }),
    failing('OperationNotPermittedException'),
  );
  const [described] = (await world.service.call('DescribeRules', { RuleArns: [defaultArn] })).Rules ?? [];
  assert.equal(described?.IsDefault, true);
  await world.service.call('ModifyRule', {
    RuleArn: ten,
    Conditions: [{ Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.0/8'] } }],
  });
  await world.service.reconcile();
  assert.deepEqual(
    world.plane.tables.get(VPC)?.listeners[0]?.rules.map((rule) => rule.conditions),
    [[{ field: 'source-ip', values: ['10.0.0.0/8'] }], [{ field: 'path-pattern', values: ['/two'] }], []],
  );
  await world.service.call('DeleteRule', { RuleArn: two });
  assert.equal((await list()).length, 2);
});

test('tags live on every kind of resource', async () => {
  await using world = openWorld();
  const { loadBalancerArn, groupArn } = await withLoadBalancer(world);
  const listenerArn = await withListener(world, loadBalancerArn, groupArn);
  const [rule] = (await world.service.call('DescribeRules', { ListenerArn: listenerArn })).Rules ?? [];
  const ResourceArns = [loadBalancerArn, groupArn, listenerArn, rule?.RuleArn ?? ''];
  await world.service.call('AddTags', { ResourceArns, Tags: [{ Key: 'a', Value: '1' }, { Key: 'b' }] });
  await world.service.call('RemoveTags', { ResourceArns, TagKeys: ['b'] });
  const { TagDescriptions } = await world.service.call('DescribeTags', { ResourceArns });
  assert.deepEqual(
    TagDescriptions,
    ResourceArns.map((ResourceArn) => ({ ResourceArn, Tags: [{ Key: 'a', Value: '1' }] })),
  );
  await assert.rejects(
    world.service.call('AddTags', { ResourceArns, Tags: [{ Key: 'x' }, { Key: 'x' }] }),
    failing('DuplicateTagKeysException'),
  );
});

test('attributes of a listener reach the plane; those of HTTPS are not HTTP’s', async () => {
  await using world = openWorld();
  const { loadBalancerArn, groupArn } = await withLoadBalancer(world);
  const ListenerArn = await withListener(world, loadBalancerArn, groupArn);
  const modify = (Key: string, Value: string) =>
    world.service.call('ModifyListenerAttributes', { ListenerArn, Attributes: [{ Key, Value }] });
  const refused = failing('InvalidConfigurationRequestException');
  await assert.rejects(modify('routing.http.request.x_amzn_tls_version.header_name', 'X'), refused);
  await assert.rejects(modify('routing.http.response.x_frame_options.header_value', 'maybe'), refused);
  await modify('routing.http.response.x_frame_options.header_value', 'DENY');
  await modify('routing.http.response.server.enabled', 'false');
  const { Attributes = [] } = await world.service.call('DescribeListenerAttributes', { ListenerArn });
  assert.equal(Attributes.length, 11);
  assert.equal(Attributes.find((it) => it.Key?.includes('x_frame'))?.Value, 'DENY');
  await world.service.reconcile();
  const options = world.plane.tables.get(VPC)?.listeners[0]?.options;
  assert.deepEqual(options?.responseHeaders, [['X-Frame-Options', 'DENY']]);
  assert.equal(options.serverHeader, false);
});
