import { createHash } from 'node:crypto';
import type { Scope } from '../../../kernel/arn.ts';
import type { PrefixListRow } from '../tables.ts';

/**
 * The lists that AWS keeps for what gateway endpoints lead to; every region has them. Their blocks are those that AWS
 * publishes for us-east-1: what routes and rules say of them holds, but this server's S3 is not there.
 * https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
 */
const LISTS = [
  { service: 's3', id: 'pl-63a5400a', cidrs: ['16.182.0.0/16', '3.5.0.0/19', '52.216.0.0/15', '54.231.0.0/16'] },
  { service: 'dynamodb', id: 'pl-02cd2c6b', cidrs: ['3.218.180.0/22', '52.119.224.0/20', '52.94.0.0/22'] },
] as const;

export function awsPrefixLists({ account, region }: Scope): readonly PrefixListRow[] {
  return LISTS.map(({ service, id, cidrs }) => {
    const name = `com.amazonaws.${region}.${service}`;
    const digest = createHash('sha256').update(name).digest('hex');
    return {
      account,
      region,
      id: region === 'us-east-1' ? id : `pl-${digest.slice(0, 8)}`,
      tags: {},
      name,
      // What such a list weighs in the quota of a security group's rules.
      maxEntries: 1,
      versions: [cidrs.map((cidr) => ({ cidr }))],
      state: 'create-complete',
      isAws: true,
    };
  });
}

/** The list of a gateway endpoint's service. */
export function prefixListOfService(scope: Scope, serviceName: string): PrefixListRow | undefined {
  return awsPrefixLists(scope).find((list) => list.name === serviceName);
}
