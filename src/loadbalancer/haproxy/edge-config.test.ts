import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EdgeTable } from '../load-balancer.ts';
import { renderEdgeConfig } from './edge-config.ts';

test('the whole configuration of the edge', (t) => {
  const listener = { listenerId: 'l443', port: 443, protocol: 'HTTPS', allowedCidrs: ['203.0.113.0/24'] } as const;
  const edge: EdgeTable = {
    bindAddress: '127.0.0.1',
    httpPort: 8080,
    httpsPort: 8443,
    routes: ['Shop.example.com', '*.example.org'].map((hostname) => ({
      hostname,
      vpcId: 'vpc-1',
      loadBalancerId: 'lb1',
      listeners: [
        { listenerId: 'l80', port: 80, protocol: 'HTTP', allowedCidrs: ['0.0.0.0/0'] },
        listener,
        { ...listener, listenerId: 'l9443', port: 9443 },
      ],
    })),
  };
  const rendered = renderEdgeConfig(edge, {
    folder: '/lb/edge',
    owner: '0a1b2c3d',
    socketOf: (vpcId, listenerId) => `/lb/${vpcId}/${listenerId}.sock`,
  });
  t.assert.snapshot(rendered.config, { serializers: [(text: string) => text] });
  const text = (kind: string) => rendered.files.find((file) => file.path.includes(`/${kind}-`))?.text;
  assert.equal(text('allowed'), '203.0.113.0/24\n');
  assert.deepEqual(
    rendered.files.filter((file) => file.path.endsWith('.map')).map((file) => file.text),
    ['*.example.org to_l80\nshop.example.com to_l80\n', '*.example.org to_l443\nshop.example.com to_l443\n'],
  );
});

test('challenges of ACME go to their socket, whatever the name and without any load balancer', () => {
  const edge = {
    bindAddress: '127.0.0.1',
    httpPort: 8080,
    httpsPort: 8443,
    routes: [],
    challengeSocket: '/lb/acme.sock',
  };
  const { config } = renderEdgeConfig(edge, { folder: '/lb/edge', owner: '0a1b2c3d', socketOf: () => '' });
  assert.match(config, /set-var\(txn\.to\) str\(acme_challenges\) if \{ path_beg \/\.well-known\/acme-challenge\/ \}/);
  assert.match(config, /backend acme_challenges\n\s+mode http\n\s+server challenges unix@\/lb\/acme\.sock/);
});
