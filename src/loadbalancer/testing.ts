import type { ListenerRoutes, RouteTable, Rule, TargetGroupState } from './load-balancer.ts';

/** Building blocks of tables for tests: whole values with what the test does not care about filled in. */
export function listenerOf(overrides: Partial<ListenerRoutes> = {}): ListenerRoutes {
  return {
    listenerId: 'l80',
    loadBalancerId: 'lb1',
    addresses: ['10.0.0.10'],
    port: 80,
    protocol: 'HTTP',
    certificates: [],
    minTlsVersion: 'TLSv1.2',
    maxTlsVersion: 'TLSv1.3',
    ciphers: [],
    idleTimeoutMs: 60_000,
    clientKeepAliveSeconds: 3600,
    options: {
      http2: true,
      dropInvalidHeaders: false,
      xForwardedFor: 'append',
      xForwardedForClientPort: false,
      tlsHeaders: false,
      tlsHeaderNames: { version: 'X-Amzn-Tls-Version', cipher: 'X-Amzn-Tls-Cipher-Suite' },
      serverHeader: true,
      responseHeaders: [],
    },
    rules: [forwardTo('web')],
    ...overrides,
  };
}

export function forwardTo(targetGroupId: string, rule: Partial<Rule> = {}): Rule {
  return {
    ruleId: 'default',
    conditions: [],
    action: { type: 'forward', targets: [{ targetGroupId, weight: 1 }] },
    ...rule,
  };
}

export function groupOf(overrides: Partial<TargetGroupState> = {}): TargetGroupState {
  return {
    targetGroupId: 'web',
    protocol: 'HTTP',
    protocolVersion: 'HTTP1',
    algorithm: 'round_robin',
    slowStartMs: 0,
    minimumHealthyTargets: 1,
    healthCheck: {
      enabled: true,
      protocol: 'HTTP',
      path: '/health',
      port: 'traffic-port',
      intervalMs: 30_000,
      timeoutMs: 5000,
      healthyThreshold: 5,
      unhealthyThreshold: 2,
      matcher: '200',
    },
    targets: [{ ip: '10.0.1.5', port: 8080, draining: false }],
    ...overrides,
  };
}

export function tableOf(overrides: Partial<RouteTable> = {}): RouteTable {
  return {
    vpcId: 'vpc-1',
    namespacePath: '/run/netns/vpc-1',
    edgePorts: { http: 8080, https: 8443 },
    listeners: [listenerOf()],
    targetGroups: [groupOf()],
    ...overrides,
  };
}
