import type { Service } from '../../api/service.ts';
import * as addresses from './operations/addresses.ts';
import * as networkInterfaceDescriptions from './operations/describe-network-interfaces.ts';
import * as dhcpOptions from './operations/dhcp-options.ts';
import * as internetGateways from './operations/internet-gateways.ts';
import * as natGateways from './operations/nat-gateways.ts';
import * as networkAcls from './operations/network-acls.ts';
import * as networkInterfaces from './operations/network-interfaces.ts';
import * as prefixLists from './operations/prefix-lists.ts';
import * as regions from './operations/regions.ts';
import * as routeTableAssociations from './operations/route-table-associations.ts';
import * as routeTables from './operations/route-tables.ts';
import * as routes from './operations/routes.ts';
import * as securityGroupRelations from './operations/security-group-relations.ts';
import * as securityGroupRuleRecords from './operations/security-group-rule-records.ts';
import * as securityGroupRules from './operations/security-group-rules.ts';
import * as securityGroups from './operations/security-groups.ts';
import * as subnets from './operations/subnets.ts';
import * as tags from './operations/tags.ts';
import * as vpcs from './operations/vpcs.ts';
import type { Ec2Ports } from './ports.ts';
import { vpcReconciler } from './reconcilers/vpc.ts';
import { tables } from './tables.ts';
import { tagsOfArn } from './taggable.ts';

export type { Ec2Ports } from './ports.ts';

/** Amazon EC2's network side: the default VPC of each region and what lives in it. */
export const ec2: Service<Ec2Ports> = {
  name: 'ec2',
  principal: 'ec2.amazonaws.com',
  operations: {
    ...addresses,
    ...dhcpOptions,
    ...internetGateways,
    ...natGateways,
    ...networkAcls,
    ...networkInterfaceDescriptions,
    ...networkInterfaces,
    ...prefixLists,
    ...regions,
    ...routeTableAssociations,
    ...routeTables,
    ...routes,
    ...securityGroupRelations,
    ...securityGroupRuleRecords,
    ...securityGroupRules,
    ...securityGroups,
    ...subnets,
    ...tags,
    ...vpcs,
  },
  tables,
  reconcilers: (env) => [vpcReconciler(env)],
  resourceTags: tagsOfArn,
};
