import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServiceConnectService } from '@aws-sdk/client-ecs';
import { connectHosts, connectOffers, freeAddress, taskConnect } from './service-connect.ts';
import { definitionRow } from './testing-rows.ts';

const portMappings = [
  { name: 'http', containerPort: 8080 },
  { name: 'query', containerPort: 53, protocol: 'udp' as const },
];
const DEFINITION = definitionRow([{ name: 'web', portMappings }]);
const offersOf = (...services: ServiceConnectService[]) =>
  connectOffers({ enabled: true, services }, DEFINITION, 'shop');
const HTTP = { portName: 'http', clientAliases: [{ port: 80 }] };

test('names are those of the port and the namespace where none are given', () => {
  assert.deepEqual(offersOf(HTTP), [
    { portName: 'http', containerPort: 8080, discoveryName: 'http', aliases: [{ dnsName: 'http.shop', port: 80 }] },
  ]);
  const [named] = offersOf({ ...HTTP, discoveryName: 'api', clientAliases: [{ port: 81, dnsName: 'db' }] });
  assert.deepEqual([named?.discoveryName, named?.aliases], ['api', [{ dnsName: 'db', port: 81 }]]);
  assert.deepEqual(connectOffers({ enabled: true }, DEFINITION, 'shop'), [], 'a client only');
});

test('what cannot be, or needs a proxy, is refused by name', () => {
  const refused: [ServiceConnectService[], RegExp][] = [
    [[{ ...HTTP, portName: 'grpc' }], /port mapping with the name grpc/],
    [[{ ...HTTP, portName: 'query' }], /not of TCP/],
    [[{ portName: 'http' }], /exactly one client alias/],
    [[{ ...HTTP, discoveryName: '-x' }], /Invalid discoveryName -x/],
    [[{ ...HTTP, clientAliases: [{ port: 0 }] }], /Invalid port 0/],
    [[{ ...HTTP, clientAliases: [{ port: 80, dnsName: 'a b' }] }], /Invalid dnsName a b/],
    [[{ ...HTTP, clientAliases: [{ port: 80, testTrafficRules: { header: { name: 'x' } } }] }], /testTrafficRules/],
    [[HTTP, HTTP], /discovery name http is given more than once/],
    [[HTTP, { ...HTTP, discoveryName: 'b', clientAliases: [{ port: 80, dnsName: 'http.shop' }] }], /client alias/],
    [[{ ...HTTP, tls: { issuerCertificateAuthority: { awsPcaAuthorityArn: 'arn' } } }], /services\.tls/],
    [[{ ...HTTP, timeout: { perRequestTimeoutSeconds: 1 } }], /services\.timeout/],
    [[{ ...HTTP, ingressPortOverride: 9000 }], /services\.ingressPortOverride/],
  ];
  for (const [services, message] of refused) assert.throws(() => offersOf(...services), message);
});

test('a task knows the names of its deployment, and what it serves', () => {
  const aliases = [{ dnsName: 'b', port: 80, address: '169.254.176.2' }];
  const service = { portName: 'http', containerPort: 8080, discoveryName: 'b', discoveryArn: 'srv', aliases };
  const other = { ...service, aliases: [{ dnsName: 'a', port: 80, address: '169.254.176.1' }] };
  const more = { ...service, aliases: [{ dnsName: 'a', port: 81, address: '169.254.176.1' }] };
  const hosts = connectHosts([{ services: [service, other] }, { services: [more] }]);
  assert.deepEqual(hosts, [
    { name: 'a', address: '169.254.176.1' },
    { name: 'b', address: '169.254.176.2' },
  ]);
  const configuration = { enabled: true };
  assert.deepEqual(taskConnect({ configuration, namespaceArn: 'ns', services: [service], hosts }), {
    hosts,
    servers: [{ registryArn: 'srv', port: 8080, endpoints: [{ address: '169.254.176.2', port: 80 }] }],
  });
  assert.equal(taskConnect(undefined), undefined);
});

test('addresses are given in order, until there are no more', () => {
  const range = Array.from({ length: 4093 }, (_, index) => `169.254.${176 + ((index + 1) >> 8)}.${(index + 1) & 255}`);
  assert.deepEqual([range[0], range[255], range.at(-1)], ['169.254.176.1', '169.254.177.0', '169.254.191.253']);
  assert.equal(freeAddress(new Set()), range[0]);
  const taken = new Set(range);
  assert.throws(() => freeAddress(taken), /more than 4093 names/);
  taken.delete('169.254.180.7');
  assert.equal(freeAddress(taken), '169.254.180.7');
});
