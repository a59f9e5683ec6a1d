import assert from 'node:assert/strict';
import type { Principal } from '../../api/context.ts';
import { openTestService, TEST_SCOPE, type TestService } from '../../api/testing.ts';
import { roleSession } from '../../identity/role-session.ts';
import { ServiceError } from '../../kernel/errors.ts';
import type { NameZone } from '../../network/dns/names.ts';
import { FakeNetwork } from '../../network/fake/fake-network.ts';
import type { FakeCalls } from '../../api/testing.ts';
import { ec2 } from './index.ts';
import { testHost, type TestHost } from './testing-instance-host.ts';

/** EC2 over a store in memory, a network that only records, and names that can be looked at: for its tests. */
export interface TestEc2 extends TestService<'ec2'> {
  readonly network: FakeNetwork;
  readonly zones: ReadonlyMap<string, NameZone>;
  readonly host: TestHost;
  /** The region's default VPC and its first subnet. */
  defaults(region?: string): Promise<{ vpcId: string; subnetId: string; groupId: string }>;
  createGroup(name: string): Promise<string>;
}

export function openTestEc2(
  publicCidr = '198.18.0.0/17',
  { host = testHost(), calls = {} }: { readonly host?: TestHost; readonly calls?: FakeCalls } = {},
): TestEc2 {
  const network = new FakeNetwork();
  const zones = new Map<string, NameZone>();
  const names = {
    publish: (zone: NameZone) => void zones.set(zone.zoneId, zone),
    withdraw: (zoneId: string) => void zones.delete(zoneId),
  };
  const service = openTestService(
    'ec2',
    ec2,
    { network, names, publicCidr, transitLinks: 4096, instances: host },
    {
      calls,
    },
  );
  return {
    ...service,
    host,
    network,
    zones,
    async defaults(region) {
      const where = region === undefined ? {} : { region };
      const { Subnets: subnets } = await service.call('DescribeSubnets', {}, where);
      const first = subnets?.toSorted((a, b) => (a.CidrBlock ?? '').localeCompare(b.CidrBlock ?? ''))[0];
      const { SecurityGroups: groups } = await service.call(
        'DescribeSecurityGroups',
        { GroupNames: ['default'] },
        where,
      );
      return { vpcId: must(first?.VpcId), subnetId: must(first?.SubnetId), groupId: must(groups?.[0]?.GroupId) };
    },
    async createGroup(name) {
      return must((await service.call('CreateSecurityGroup', { GroupName: name, Description: name })).GroupId);
    },
  };
}

/** A service under its service-linked role, e.g. `linkedRole('ecs.amazonaws.com', 'AWSServiceRoleForECS')`. */
export function linkedRole(service: string, name: string): Principal {
  return { ...sessionOf(name, `/aws-service-role/${service}/`), invokedBy: service };
}

/** A session of a role that a user has assumed. */
export function sessionOf(name: string, path = '/'): Principal {
  const { account } = TEST_SCOPE;
  const role = { arn: `arn:aws:iam::${account}:role${path}${name}`, id: 'AROAAAAAAAAAAAAAAAAAA', account, name };
  return roleSession(role, { sessionName: 'test', issuedAtMs: 0, expiresAtMs: 3_600_000 });
}

export function must<T>(value: T | undefined): T {
  assert.notEqual(value, undefined);
  return value as T;
}

/** For assert.rejects: a ServiceError with this code and, if given, these words in its message. */
export function failure(code: string, words = ''): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ServiceError, String(error));
    assert.equal(error.code, code);
    assert.ok(error.message.includes(words), `'${error.message}' lacks '${words}'`);
    return true;
  };
}
