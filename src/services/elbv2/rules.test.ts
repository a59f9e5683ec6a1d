import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failing, openWorld, VPC, withListener, withLoadBalancer } from './testing.ts';

async function openListener() {
  const world = openWorld();
  const { loadBalancerArn, groupArn } = await withLoadBalancer(world);
  const ListenerArn = await withListener(world, loadBalancerArn, groupArn);
  let priority = 0;
  const create = async (input: object) => {
    const { Rules = [] } = await world.service.call('CreateRule', {
      ListenerArn,
      Priority: ++priority,
      Conditions: [{ Field: 'path-pattern', Values: ['/x'] }],
      Actions: [{ Type: 'forward', TargetGroupArn: groupArn }],
      ...input,
    });
    const [rule] = Rules;
    assert.ok(rule);
    return rule;
  };
  const served = async () => {
    await world.service.reconcile();
    return world.plane.tables.get(VPC)?.listeners[0]?.rules ?? [];
  };
  return { world, ListenerArn, groupArn, create, served };
}

test('values by regular expression: what ALB does not take is refused, the rest reaches the plane', async () => {
  const { world, create, served } = await openListener();
  await using _ = world;
  const { raw } = String;
  const path = (...RegexValues: string[]) => [{ Field: 'path-pattern', PathPatternConfig: { RegexValues } }];
  const rewrite = (Regex: string, Replace: string) => [
    { Type: 'url-rewrite', UrlRewriteConfig: { Rewrites: [{ Regex, Replace }] } },
  ];
  const { Conditions } = await create({ Conditions: path('^/api/(v1|v2)/.+$') });
  assert.deepEqual(Conditions, [{ Field: 'path-pattern', PathPatternConfig: { RegexValues: ['^/api/(v1|v2)/.+$'] } }]);
  assert.deepEqual((await served())[0]?.conditions, [
    { field: 'path-pattern', values: [], regexes: ['^/api/(v1|v2)/.+$'] },
  ]);
  const hyphen = await create({ Conditions: path(raw`^/[\w-.]+$`), Transforms: rewrite(raw`^/([\w-.]+)`, '/$1') });
  assert.deepEqual(hyphen.Conditions?.[0]?.PathPatternConfig?.RegexValues, [raw`^/[\w-.]+$`]);
  assert.deepEqual(hyphen.Transforms, rewrite(raw`^/([\w-.]+)`, '/$1'));
  const { conditions, transforms } = (await served())[1] ?? {};
  assert.deepEqual(conditions, [{ field: 'path-pattern', values: [], regexes: [raw`^/[\w\-\.]+$`] }]);
  assert.deepEqual(transforms, [{ type: 'url-rewrite', regex: raw`^/([\w\-\.]+)`, replace: '/$1' }]);
  for (const [regex, words] of [
    ['(?=a)', /lookarounds/],
    [String.raw`(a)\1`, /backreferences/],
    ['a++', /possessive/],
    [String.raw`\p{L}`, /Unicode/],
    ['(', /not valid/],
    ['x'.repeat(129), /1 to 128/],
  ] as const) {
    await assert.rejects(create({ Conditions: path(regex) }), failing('ValidationError', words));
  }
  const both = [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/a'], RegexValues: ['^/a'] } }];
  await assert.rejects(create({ Conditions: both }), failing('ValidationError', /both Values and RegexValues/));
  await assert.rejects(
    create({ Conditions: [{ Field: 'source-ip', RegexValues: ['^10'] }] }),
    failing('ValidationError', /RegexValues cannot be specified/),
  );
  await assert.rejects(
    create({ Conditions: [{ Field: 'host-header', PathPatternConfig: { Values: ['/a'] } }] }),
    failing('ValidationError', /PathPatternConfig/),
  );
});

test('limits: values, wildcards, conditions of one kind, rules', async () => {
  const { world, create } = await openListener();
  await using _ = world;
  const values = (...Values: string[]) => ({ Conditions: [{ Field: 'path-pattern', Values }] });
  await create(values('/1', '/2', '/3', '/4', '/5'));
  await assert.rejects(create(values('/1', '/2', '/3', '/4', '/5', '/6')), failing('ValidationError', /'5' condition/));
  await create(values('/*?*?*?'));
  await assert.rejects(create(values('/*?*?*?*')), failing('ValidationError', /'6' wildcard/));
  const condition = { Field: 'path-pattern', Values: ['/a'] };
  await assert.rejects(
    create({ Conditions: [condition, condition] }),
    failing('ValidationError', /only be specified once/),
  );
  for (let n = 0; n < 98; n++) await create({ Priority: 1000 + n });
  await assert.rejects(create({}), failing('TooManyRulesException'));
});

test('transforms are shown, changed and reset', async () => {
  const { world, create, served } = await openListener();
  await using _ = world;
  const url = (Regex: string, Replace: string) => ({
    Type: 'url-rewrite' as const,
    UrlRewriteConfig: { Rewrites: [{ Regex, Replace }] },
  });
  const transform = url('^/dp/([A-Z]+)$', '/product?id=$1');
  const { RuleArn, Transforms } = await create({ Transforms: [transform] });
  assert.deepEqual(Transforms, [transform]);
  assert.deepEqual((await served())[0]?.transforms, [
    { type: 'url-rewrite', regex: '^/dp/([A-Z]+)$', replace: '/product?id=$1' },
  ]);
  await assert.rejects(
    create({ Transforms: [transform, transform] }),
    failing('ValidationError', /only be specified once/),
  );
  await assert.rejects(create({ Transforms: [url('^/a$', '$1')] }), failing('ValidationError', /capture group/));
  await assert.rejects(create({ Transforms: [{ Type: 'url-rewrite' }] }), failing('ValidationError', /exactly one/));
  const modify = (input: object) => world.service.call('ModifyRule', { RuleArn, ...input });
  await assert.rejects(modify({}), failing('ValidationError'));
  const kept = await modify({ Conditions: [{ Field: 'path-pattern', Values: ['/y'] }] });
  assert.equal(kept.Rules?.[0]?.Transforms?.length, 1);
  assert.deepEqual((await modify({ ResetTransforms: true })).Rules?.[0]?.Transforms, []);
  assert.equal((await served())[0]?.transforms, undefined);
});

test('target group stickiness of a forward action', async () => {
  const { world, groupArn, create, served } = await openListener();
  await using _ = world;
  const forward = (TargetGroupStickinessConfig: object) => ({
    Actions: [
      {
        Type: 'forward',
        ForwardConfig: { TargetGroups: [{ TargetGroupArn: groupArn, Weight: 3 }], TargetGroupStickinessConfig },
      },
    ],
  });
  await assert.rejects(create(forward({ Enabled: true })), failing('InvalidLoadBalancerActionException', /duration/));
  await assert.rejects(create(forward({ Enabled: true, DurationSeconds: 604_801 })), failing('ValidationError'));
  const { Actions } = await create(forward({ Enabled: true, DurationSeconds: 90 }));
  assert.deepEqual(Actions?.[0]?.ForwardConfig?.TargetGroupStickinessConfig, { Enabled: true, DurationSeconds: 90 });
  const action = (await served())[0]?.action;
  assert.ok(action?.type === 'forward');
  assert.equal(action.stickySeconds, 90);
});
