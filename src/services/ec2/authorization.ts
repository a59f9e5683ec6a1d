import { formatArn, type Scope } from '../../kernel/arn.ts';
import type { ReadTx } from '../../store/store.ts';
import { findDefaultVpc } from './default-vpc.ts';
import { arnOf, arnsOf, KINDS } from './domain/resource-kind.ts';
import { addressAt, addressOfAssociation } from './public-addresses.ts';
import { groupNamed } from './security-group-lookup.ts';

/**
 * What calls touch where their input does not say it by id, found as the handlers find it: an empty text is no name.
 * What is not there goes by `*`.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
 */

const ANY = '*';

/** The VPC that is named, or else the default VPC: who may not use it cannot reach it by leaving its name out. */
export async function vpcResource(
  input: { readonly VpcId?: string | undefined },
  scope: Scope,
  tx: ReadTx,
): Promise<string> {
  return arnOf(KINDS.vpc, scope, input.VpcId || (await findDefaultVpc(tx, scope))?.id || ANY);
}

/** A security group by its id, or by its name in the default VPC. */
export async function groupResource(
  input: { readonly GroupId?: string | undefined; readonly GroupName?: string | undefined },
  scope: Scope,
  tx: ReadTx,
): Promise<string> {
  return arnOf(KINDS.securityGroup, scope, input.GroupId || (await groupId(tx, scope, input.GroupName)) || ANY);
}

async function groupId(tx: ReadTx, scope: Scope, name = ''): Promise<string | undefined> {
  const vpc = name === '' ? undefined : await findDefaultVpc(tx, scope);
  return vpc && (await groupNamed(tx, scope, vpc.id, name))?.id;
}

/** The group, and the new rules where they get tags. */
export async function addedRuleResources(
  input: Parameters<typeof groupResource>[0] & { readonly TagSpecifications?: readonly unknown[] | undefined },
  scope: Scope,
  tx: ReadTx,
): Promise<readonly string[]> {
  const rules = input.TagSpecifications?.length ? [undefined] : [];
  return [await groupResource(input, scope, tx), ...arnsOf(KINDS.securityGroupRule, scope, rules)];
}

/** A public address by its allocation, or by itself. */
export async function addressResource(
  input: { readonly AllocationId?: string | undefined; readonly PublicIp?: string | undefined },
  scope: Scope,
  tx: ReadTx,
): Promise<string> {
  const named = input.AllocationId || (input.PublicIp && (await addressAt(tx, scope, input.PublicIp))?.id);
  return arnOf(KINDS.address, scope, named || ANY);
}

/** The two ends of an association: the address, and the interface if there is one. */
export async function associationResources(
  input: { readonly AssociationId?: string | undefined; readonly PublicIp?: string | undefined },
  scope: Scope,
  tx: ReadTx,
): Promise<readonly string[]> {
  const address = input.AssociationId
    ? await addressOfAssociation(tx, scope, input.AssociationId)
    : input.PublicIp && (await addressAt(tx, scope, input.PublicIp));
  if (!address) return [KINDS.address, KINDS.networkInterface].map((kind) => arnOf(kind, scope, ANY));
  const { association } = address;
  return [
    ...arnsOf(KINDS.address, scope, [address.id]),
    ...arnsOf(KINDS.networkInterface, scope, association ? [association.networkInterfaceId] : []),
  ];
}

/** An instance is no resource of this server, but its name is in the request. */
export function instanceResources(
  input: { readonly InstanceId?: string | undefined },
  scope: Scope,
): readonly string[] {
  return input.InstanceId ? [formatArn('ec2', scope, `instance/${input.InstanceId}`)] : [];
}
