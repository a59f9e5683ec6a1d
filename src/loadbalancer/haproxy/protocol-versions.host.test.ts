import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forwardTo, groupOf, listenerOf } from '../testing.ts';
import { HostWorld, LB, selfSigned, TARGETS, until } from './testing-world.ts';

const [ONE, TWO] = TARGETS;

test('requests of a protocol version that the target group does not speak are a 464', async () => {
  await using world = new HostWorld();
  const pem = selfSigned('versions.test');
  await world.tell({ do: 'serve', ip: ONE, port: 8080, http2: true });
  await world.serve(TWO);
  const fast = { ...groupOf().healthCheck, intervalMs: 100, timeoutMs: 1000, healthyThreshold: 2 };
  const group = (targetGroupId: string, protocolVersion: 'HTTP1' | 'HTTP2' | 'GRPC') =>
    groupOf({
      targetGroupId,
      protocolVersion,
      healthCheck:
        protocolVersion === 'GRPC'
          ? { ...fast, path: '/AWS.ALB/healthcheck', matcher: '12' }
          : { ...fast, path: '/health' },
      targets: [{ ip: protocolVersion === 'HTTP1' ? TWO : ONE, port: 8080, draining: false }],
    });
  const listener = (port: number, targetGroupId: string) =>
    listenerOf({
      listenerId: `l${port}`,
      port,
      addresses: [LB],
      protocol: 'HTTPS',
      certificates: [{ certificateId: 'c', pem }],
      rules: [forwardTo(targetGroupId, { ruleId: `r${port}` })],
    });
  const plane = world.plane();
  await plane.apply(
    world.table([], {
      listeners: [listener(1, 'one'), listener(2, 'two'), listener(3, 'rpc')],
      targetGroups: [group('one', 'HTTP1'), group('two', 'HTTP2'), group('rpc', 'GRPC')],
    }),
  );
  await until(async () => (await plane.health('vpc-1')).filter((it) => it.state === 'healthy').length === 3);
  const tls = { ca: pem, servername: 'versions.test' };
  const http1 = async (port: number) => (await world.get(`https://${LB}:${port}/`, tls)).status;
  const http2 = (port: number, method: string, contentType?: string) =>
    world.tell({ do: 'http2', url: `https://${LB}:${port}`, method, tls, ...(contentType ? { contentType } : {}) });
  assert.deepEqual([await http1(1), await http1(2), await http1(3)], [200, 464, 464]);
  assert.deepEqual([await http2(1, 'GET'), await http2(2, 'GET'), await http2(3, 'GET')], [200, 200, 464]);
  const rpc = 'application/grpc+proto';
  assert.deepEqual(
    [await http2(1, 'POST', rpc), await http2(2, 'POST', rpc), await http2(3, 'POST', rpc)],
    [464, 200, 200],
  );
});
