import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { signingKeys } from './domain/jwt.ts';
import { CERTIFICATE, failing, openWorld, VPC, withLoadBalancer, type TestWorld } from './testing.ts';

const JwksEndpoint = 'https://idp.example/keys';
const CONFIG = { JwksEndpoint, Issuer: 'https://idp.example' };
const VALIDATE: Action = { Type: 'jwt-validation', Order: 1, JwtValidationConfig: CONFIG };
const ANSWER: Action = { Type: 'fixed-response', Order: 2, FixedResponseConfig: { StatusCode: '200' } };

function jwkOf(more: object = {}) {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...publicKey.export({ format: 'jwk' }), ...more };
}

async function listen({ service }: TestWorld, DefaultActions: Action[], more: object = {}) {
  const { LoadBalancers: [known] = [] } = await service.call('DescribeLoadBalancers', {});
  const { Listeners: [listener] = [] } = await service.call('CreateListener', {
    LoadBalancerArn: known?.LoadBalancerArn,
    Port: 443,
    Protocol: 'HTTPS',
    Certificates: [{ CertificateArn: CERTIFICATE }],
    DefaultActions,
    ...more,
  });
  return listener;
}

test('a listener validates tokens before its action, with keys that follow the endpoint', async () => {
  await using world = openWorld();
  await withLoadBalancer(world);
  const claims = {
    AdditionalClaims: [{ Name: 'scope', Format: 'space-separated-values' as const, Values: ['a', 'b'] }],
  };
  const validate = { ...VALIDATE, JwtValidationConfig: { ...CONFIG, ...claims } };
  const listener = await listen(world, [ANSWER, validate]);
  assert.deepEqual(listener?.DefaultActions, [validate, { ...ANSWER, FixedResponseConfig: { StatusCode: '200' } }]);
  world.documents.set(JwksEndpoint, { keys: [jwkOf({ kid: 'one' })] });
  await world.service.reconcile();
  const jwt = () => world.plane.tables.get(VPC)?.listeners[0]?.rules[0]?.jwt;
  assert.equal(jwt()?.issuer, 'https://idp.example');
  assert.deepEqual(jwt()?.claims, [{ name: 'scope', format: 'space-separated-values', values: ['a', 'b'] }]);
  assert.deepEqual(
    jwt()?.keys.map((key) => key.keyId),
    ['one'],
  );
  world.documents.set(JwksEndpoint, { keys: [jwkOf({ kid: 'one' }), jwkOf({ kid: 'two' })] });
  world.service.clock.advance(60_000);
  await world.service.reconcile();
  assert.deepEqual(
    jwt()?.keys.map((key) => key.keyId),
    ['one', 'two'],
  );
  // While it does not answer, its keys stay.
  world.documents.delete(JwksEndpoint);
  world.service.clock.advance(60_000);
  await world.service.reconcile().catch(() => undefined);
  assert.equal(jwt()?.keys.length, 2);
  await assert.rejects(
    world.service.call('ModifyListener', { ListenerArn: listener?.ListenerArn, Protocol: 'HTTP' }),
    failing('InvalidConfigurationRequestException', /must have the protocol HTTPS/),
  );
  await world.service.call('ModifyListener', {
    ListenerArn: listener?.ListenerArn,
    DefaultActions: [{ ...ANSWER, Order: undefined }],
  });
  await world.service.reconcile();
  assert.equal(jwt(), undefined);
});

test('a rule validates tokens too', async () => {
  await using world = openWorld();
  const { groupArn } = await withLoadBalancer(world);
  const listener = await listen(world, [{ ...ANSWER, Order: undefined }]);
  world.documents.set(JwksEndpoint, { keys: [jwkOf()] });
  const forward: Action = { Type: 'forward', Order: 2, TargetGroupArn: groupArn };
  const { Rules: [rule] = [] } = await world.service.call('CreateRule', {
    ListenerArn: listener?.ListenerArn,
    Priority: 1,
    Conditions: [{ Field: 'path-pattern', Values: ['/api/*'] }],
    Actions: [VALIDATE, forward],
  });
  assert.deepEqual(
    rule?.Actions?.map((it) => it.Type),
    ['jwt-validation', 'forward'],
  );
  await world.service.reconcile();
  const rules = world.plane.tables.get(VPC)?.listeners[0]?.rules ?? [];
  assert.deepEqual(
    rules.map((it) => it.jwt?.keys.length),
    [1, undefined],
  );
});

test('what cannot be validated is refused', async () => {
  await using world = openWorld();
  await withLoadBalancer(world);
  const refused = (actions: Action[], code: string, message: RegExp, more: object = {}) =>
    assert.rejects(listen(world, actions, more), failing(code, message));
  const config = (more: object): Action[] => [{ ...VALIDATE, JwtValidationConfig: { ...CONFIG, ...more } }, ANSWER];
  const claim = (more: object) =>
    config({ AdditionalClaims: [{ Name: 'team', Format: 'single-string', Values: ['a'], ...more }] });
  const action = 'InvalidLoadBalancerActionException';
  await refused([VALIDATE], 'TooManyActionsException', /exactly one forward/);
  await refused([VALIDATE, { ...VALIDATE, Order: 3 }, ANSWER], 'TooManyActionsException', /one jwt-validation/);
  await refused([VALIDATE, { ...ANSWER, Order: undefined }], action, /order must be specified/);
  await refused([VALIDATE, { ...ANSWER, Order: 1 }], action, /order of its own/);
  await refused([{ ...VALIDATE, Order: 3 }, ANSWER], action, /highest order/);
  await refused([{ Type: 'jwt-validation', Order: 1 }, ANSWER], action, /JwtValidationConfig/);
  await refused([VALIDATE, ANSWER], action, /'HTTP'/, { Protocol: 'HTTP', Port: 80, Certificates: [] });
  for (const endpoint of ['http://idp.example/keys', 'https://idp.example', 'keys', 'https://a:b@idp.example/keys']) {
    await refused(config({ JwksEndpoint: endpoint }), 'ValidationError', /must be a full URL/);
  }
  await refused(config({ Issuer: '' }), 'ValidationError', /issuer must have between 1 and 256/);
  await refused(claim({ Name: 'exp' }), 'ValidationError', /validated by default/);
  await refused(claim({ Name: 'a.b' }), 'ValidationError', /'a.b' is not supported by this server/);
  await refused(claim({ Values: [] }), 'ValidationError', /between 1 and 10 values/);
  await refused(claim({ Values: ['a', 'b'] }), 'ValidationError', /one value only/);
  await refused(claim({ Format: 'space-separated-values', Values: ['a b'] }), 'ValidationError', /spaces/);
  await refused(
    [{ Type: 'authenticate-oidc', Order: 1 }, ANSWER],
    'ValidationError',
    /'authenticate-oidc' is not supported/,
  );
});

test('keys of other kinds are passed over, and more than ten are too many', () => {
  const others = [{ kty: 'EC' }, jwkOf({ use: 'enc' }), jwkOf({ alg: 'RS512' }), { kty: 'RSA', n: 1 }, null];
  const keys = signingKeys({ keys: [...others, jwkOf({ kid: 'a' }), jwkOf()] });
  assert.deepEqual(
    keys.map((key) => key.keyId),
    ['a', undefined],
  );
  assert.match(keys[0]?.pem ?? '', /^-----BEGIN PUBLIC KEY-----/);
  const one = jwkOf();
  assert.equal(signingKeys({ keys: Array.from({ length: 10 }, () => one) }).length, 10);
  assert.equal(signingKeys({ keys: Array.from({ length: 11 }, () => one) }).length, 0);
  assert.throws(() => signingKeys({}), /no keys/);
});
