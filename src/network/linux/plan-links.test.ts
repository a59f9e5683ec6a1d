import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exampleInterface, exampleVpc } from '../suite.ts';
import { readHost, readRouter } from './observe.ts';
import type { ObservedHost, ObservedRouter } from './observe.ts';
import { planLinks } from './plan-links.ts';

const VPC = exampleVpc('vpc-a', 1, [
  exampleInterface(11, { publicIp: '198.18.0.11' }),
  exampleInterface(100, { kind: 'local' }),
]);
const DESIRED = {
  vpc: VPC,
  namespace: 'ls-0a1b2c3d-a',
  hostLink: 'ls0a1b2c3d-0001',
  transit: { host: '198.19.0.5', router: '198.19.0.6' },
};
const NO_HOST: ObservedHost = { publicRoutes: [] };
const NO_ROUTER: ObservedRouter = { loopbackUp: false, addresses: [], taskLinks: [], blackholes: [] };
const HOST: ObservedHost = {
  link: { up: true, addresses: ['198.19.0.5/30'], alias: 'vpc-a' },
  publicRoutes: ['198.18.0.11'],
};
const ROUTER: ObservedRouter = {
  loopbackUp: true,
  addresses: ['10.0.0.1', '10.0.1.1', '10.0.0.2', '10.0.0.100'],
  transit: { up: true, addresses: ['198.19.0.6/30'] },
  taskLinks: ['e11'],
  defaultGateway: '198.19.0.5',
  blackholes: ['10.0.0.0/16'],
};

const NEW_TRANSIT = {
  where: 'host',
  lines: [
    'link add ls0a1b2c3d-0001 type veth peer name transit netns ls-0a1b2c3d-a',
    'link set ls0a1b2c3d-0001 alias vpc-a',
    'address replace 198.19.0.5/30 dev ls0a1b2c3d-0001',
    'link set ls0a1b2c3d-0001 up',
  ],
};
const TRANSIT_UP = [
  'address replace 198.19.0.6/30 dev transit',
  'link set transit up',
  'route replace default via 198.19.0.5 dev transit',
];
const PUBLIC_ROUTE = {
  where: 'host',
  lines: ['route replace 198.18.0.11/32 via 198.19.0.6 dev ls0a1b2c3d-0001'],
};

describe('plan of links', () => {
  it('makes all of a new VPC', () => {
    assert.deepEqual(planLinks(DESIRED, NO_HOST, NO_ROUTER), [
      NEW_TRANSIT,
      {
        where: 'router',
        lines: [
          'link set lo up',
          'address replace 10.0.0.1/32 dev lo',
          'address replace 10.0.1.1/32 dev lo',
          'address replace 10.0.0.2/32 dev lo',
          'address replace 10.0.0.100/32 dev lo',
          'route replace blackhole 10.0.0.0/16',
          ...TRANSIT_UP,
        ],
      },
      PUBLIC_ROUTE,
    ]);
  });

  it('does nothing when all is there', () => {
    assert.deepEqual(planLinks(DESIRED, HOST, ROUTER), []);
  });

  it('takes away what is not described any more', () => {
    const less = { ...DESIRED, vpc: exampleVpc('vpc-a', 1) };
    assert.deepEqual(planLinks(less, HOST, { ...ROUTER, blackholes: ['10.0.0.0/16', '10.9.0.0/16'] }), [
      {
        where: 'router',
        lines: ['link del e11', 'address del 10.0.0.100/32 dev lo', 'route del blackhole 10.9.0.0/16'],
      },
      { where: 'host', lines: ['route del 198.18.0.11/32 via 198.19.0.6 dev ls0a1b2c3d-0001'] },
    ]);
  });

  it('makes a transit link anew that a crash left half made, on either side', () => {
    const remade = [NEW_TRANSIT, { where: 'router', lines: TRANSIT_UP }, PUBLIC_ROUTE];
    const noAlias: ObservedHost = { link: { up: false, addresses: [] }, publicRoutes: [] };
    assert.deepEqual(planLinks(DESIRED, noAlias, ROUTER), [
      { where: 'router', lines: ['link del transit'] },
      ...remade,
    ]);
    const { transit: _gone, ...withoutTransit } = ROUTER;
    assert.deepEqual(planLinks(DESIRED, HOST, withoutTransit), [
      { where: 'host', lines: ['link del ls0a1b2c3d-0001'] },
      ...remade,
    ]);
  });

  it('moves the transit link when the VPC has another index', () => {
    const moved = {
      ...DESIRED,
      hostLink: 'ls0a1b2c3d-0002',
      transit: { host: '198.19.0.9', router: '198.19.0.10' },
    };
    const [first, second] = planLinks(moved, NO_HOST, ROUTER);
    assert.deepEqual(first, { where: 'router', lines: ['link del transit'] });
    assert.match(second?.lines[0] ?? '', /^link add ls0a1b2c3d-0002 /);
  });
});

const inet = (local: string, prefixlen: number) => ({ family: 'inet', local, prefixlen });

describe('what ip says', () => {
  it('is read into links, addresses and routes', () => {
    const links = [
      { ifname: 'lo', ifindex: 1, flags: ['UP'], addr_info: [inet('127.0.0.1', 8), inet('10.0.0.1', 32)] },
      { ifname: 'transit', ifindex: 2, flags: ['UP'], addr_info: [inet('198.19.0.6', 30)] },
      { ifname: 'e11', ifindex: 3, flags: ['UP'] },
    ];
    const routes = [
      { dst: 'default', gateway: '198.19.0.5' },
      { type: 'blackhole', dst: '10.0.0.0/16' },
      { dst: '10.0.0.11' },
    ];
    assert.deepEqual(readRouter(links, routes), { ...ROUTER, addresses: ['10.0.0.1'] });
    const link = { ifname: 'l', ifindex: 4, flags: ['UP'], ifalias: 'vpc-a', addr_info: [inet('198.19.0.5', 30)] };
    const hostRoutes = [{ dst: '198.18.0.11', gateway: '198.19.0.6' }, { dst: '198.19.0.4/30' }];
    assert.deepEqual(readHost([link], hostRoutes), HOST);
    assert.deepEqual(readHost([], []), NO_HOST);
  });
});
