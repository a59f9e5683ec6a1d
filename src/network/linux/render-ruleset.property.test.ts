import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Arbitrary,
  assert as check,
  constantFrom,
  integer,
  property,
  record,
  shuffledSubarray,
  uniqueArray,
  array,
} from 'fast-check';
import { blockHolds, formatAddress, parseAddress, parseBlock } from '../ipv4.ts';
import type { InterfaceState, NetworkAclEntryState, RouteState, SecurityRule } from '../network.ts';
import { exampleInterface, exampleVpc } from '../suite.ts';
import { groupRules } from './group-chains.ts';
import { aclRules } from './network-acl-chains.ts';
import { renderRuleset } from './render-ruleset.ts';
import { exitRules, translationRules } from './route-chains.ts';

/*
 * What the rendered chains do, read line by line as the kernel reads them, against what route tables and security
 * groups mean.
 */

const OPTIONS = {
  transitHost: '198.19.0.5',
  transitCidr: '198.19.0.0/16',
  dnsPort: 5300,
  metadataPort: 5180,
  matchesPayload: true,
};

/** A small world, so that blocks and packets meet. */
const address = integer({ min: 0, max: 255 }).map((last) => formatAddress((parseAddress('9.9.9.0') ?? 0) + last));
const block: Arbitrary<string> = integer({ min: 0, max: 8 }).chain((bits) =>
  integer({ min: 0, max: 2 ** bits - 1 }).map((index) =>
    bits === 0
      ? '0.0.0.0/0'
      : `${formatAddress((parseAddress('9.9.9.0') ?? 0) + index * 2 ** (8 - bits))}/${24 + bits}`,
  ),
);
const via = constantFrom<RouteState['via'][]>('internet', 'nowhere', { natAddress: '198.18.0.9' });
const routes = uniqueArray(record({ cidr: block, via }), { selector: (route) => route.cidr, maxLength: 6 });

const port = integer({ min: 78, max: 84 });
const rule: Arbitrary<SecurityRule> = record({
  protocol: constantFrom('tcp', 'udp', '-1', '50'),
  fromPort: port,
  toPort: port,
  cidr: block,
}).map(({ protocol, fromPort, toPort, cidr }) => ({
  protocol,
  peer: { cidr },
  ...(protocol === '-1' ? {} : { fromPort: Math.min(fromPort, toPort), toPort: Math.max(fromPort, toPort) }),
}));

interface Packet {
  readonly protocol: string;
  readonly source: string;
  readonly destination: string;
  readonly port: number;
  readonly hasPublicAddress: boolean;
}

const packet: Arbitrary<Packet> = record({
  protocol: constantFrom('tcp', 'udp', 'icmp', '50'),
  source: address,
  destination: address,
  port,
  hasPublicAddress: constantFrom(true, false),
});

/** The verdict of the first line that matches: its last word, or what `snat` gives. */
function verdictOf(lines: readonly string[], seen: Packet): string | undefined {
  for (const line of lines) {
    const words = line.split(' ');
    let matches = true;
    while (words.length > 0 && matches) {
      const [first = '', second = '', third = ''] = words;
      if (first === 'ip' && second === 'protocol') matches = seen.protocol === third;
      else if (third === '@with_public_address') matches = seen.hasPublicAddress;
      else if (first === 'ip') matches = holds(third, second === 'saddr' ? seen.source : seen.destination);
      else if (second === 'dport') matches = seen.protocol === first && inRange(third, seen.port);
      else if (first === 'ct') words.splice(0, 4);
      else return first === 'snat' ? third : first;
      words.splice(0, 3);
    }
  }
  return undefined;
}

function holds(cidr: string, at: string): boolean {
  const parsed = parseBlock(cidr);
  return parsed !== undefined && blockHolds(parsed, parseAddress(at) ?? -1);
}

function inRange(text: string, value: number): boolean {
  const [from = 0, to = from] = text.split('-').map(Number);
  return value >= from && value <= to;
}

test('a packet leaves by the route of the longest block that has its destination', () => {
  check(
    property(routes, packet, (table, seen) => {
      const longest = table
        .filter((route) => holds(route.cidr, seen.destination))
        .toSorted((a, b) => Number(b.cidr.split('/')[1]) - Number(a.cidr.split('/')[1]))[0];
      const target = longest?.via ?? 'nowhere';
      const leaves = target === 'internet' ? seen.hasPublicAddress : target !== 'nowhere';
      assert.equal(verdictOf(exitRules(table), seen), leaves ? 'return' : 'drop');
      const translated = verdictOf(translationRules(table), seen) ?? 'return';
      assert.equal(translated, typeof target === 'object' ? target.natAddress : 'return');
    }),
  );
});

test('a packet is let in when some rule of some group allows it, and else dropped', () => {
  check(
    property(array(rule, { maxLength: 5 }), array(rule, { maxLength: 3 }), packet, (ingress, egress, seen) => {
      const half = Math.floor(ingress.length / 2);
      const groups = [
        { groupId: 'sg-a', ingress: ingress.slice(0, half), egress },
        { groupId: 'sg-b', ingress: ingress.slice(half), egress: [] },
      ];
      const allowed = ingress.some(
        ({ protocol, fromPort = 0, toPort = 0, peer }) =>
          'cidr' in peer &&
          holds(peer.cidr, seen.source) &&
          (protocol === '-1' ||
            (protocol === seen.protocol && (protocol === '50' || (seen.port >= fromPort && seen.port <= toPort)))),
      );
      assert.equal(verdictOf(groupRules(groups, 'ingress', 'accept'), seen), allowed ? 'accept' : 'drop');
    }),
  );
});

const entry = record({ allows: constantFrom(true, false), rule }).map(
  ({ allows, rule: { peer, ...more } }): NetworkAclEntryState => ({
    ...more,
    allows,
    cidr: 'cidr' in peer ? peer.cidr : '',
  }),
);

test('of a network ACL the first entry that matches decides, and none denies', () => {
  check(
    property(
      array(entry, { maxLength: 6 }),
      constantFrom('ingress' as const, 'egress' as const),
      packet,
      (entries, direction, seen) => {
        const far = direction === 'ingress' ? seen.source : seen.destination;
        const first = entries.find(
          ({ protocol, fromPort = 0, toPort = 0, cidr }) =>
            holds(cidr, far) &&
            (protocol === '-1' ||
              (protocol === seen.protocol && (protocol === '50' || (seen.port >= fromPort && seen.port <= toPort)))),
        );
        assert.equal(verdictOf(aclRules(entries, direction), seen), first?.allows ? 'return' : 'drop');
      },
    ),
  );
});

const someInterface: Arbitrary<InterfaceState> = record({
  host: integer({ min: 10, max: 40 }),
  kind: constantFrom('task' as const, 'local' as const, 'nat' as const),
  isPublic: constantFrom(true, false),
  securityGroupIds: shuffledSubarray(['sg-a', 'sg-b', 'sg-c']),
  routes,
}).map(({ host, isPublic, ...more }) =>
  exampleInterface(host, { ...more, ...(isPublic ? { publicIp: `198.18.0.${host}` } : {}) }),
);
const interfaces = uniqueArray(someInterface, { selector: (one) => one.interfaceId, maxLength: 6 });

test('a ruleset has each chain that it goes to once, and nothing of a NAT gateway but its address', () => {
  check(
    property(interfaces, (all) => {
      const text = renderRuleset(exampleVpc('vpc-a', 1, all), OPTIONS);
      const chains = [...text.matchAll(/chain (\S+) \{/g)].map((found) => found[1]);
      assert.equal(new Set(chains).size, chains.length);
      for (const [, target] of text.matchAll(/(?:jump|goto) (\w+)/g)) assert.ok(chains.includes(target), target);
      for (const nat of all.filter((one) => one.kind === 'nat')) {
        assert.ok(!text.includes(`${nat.privateIp} :`));
        assert.ok(!text.includes(`: ${nat.privateIp},`));
      }
      for (const task of all.filter((one) => one.kind === 'task')) {
        assert.match(text, new RegExp(`${task.privateIp.replaceAll('.', '\\.')} : goto ingress_\\d`));
      }
    }),
    { numRuns: 50 },
  );
});
