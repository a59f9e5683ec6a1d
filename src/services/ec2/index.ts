import type { Service } from '../../api/service.ts';
import * as addresses from './operations/addresses.ts';
import * as networkInterfaceDescriptions from './operations/describe-network-interfaces.ts';
import * as instanceDescriptions from './operations/describe-instances.ts';
import * as dhcpOptions from './operations/dhcp-options.ts';
import * as images from './operations/images.ts';
import * as instanceAttributes from './operations/instance-attributes.ts';
import * as instanceOutput from './operations/instance-output.ts';
import * as instanceProfileAssociations from './operations/instance-profile-associations.ts';
import * as instanceRequirements from './operations/instance-requirements.ts';
import * as instanceTypes from './operations/instance-types.ts';
import * as keyPairs from './operations/key-pairs.ts';
import * as launchTemplates from './operations/launch-templates.ts';
import * as launchTemplateVersions from './operations/launch-template-versions.ts';
import * as instanceMonitoring from './operations/instance-monitoring.ts';
import * as volumes from './operations/volumes.ts';
import * as instanceLifecycle from './operations/instance-lifecycle.ts';
import * as internetGateways from './operations/internet-gateways.ts';
import * as natGateways from './operations/nat-gateways.ts';
import * as networkAclEntries from './operations/network-acl-entries.ts';
import * as networkAcls from './operations/network-acls.ts';
import * as networkInterfaces from './operations/network-interfaces.ts';
import * as prefixLists from './operations/prefix-lists.ts';
import * as regions from './operations/regions.ts';
import * as routeTableAssociations from './operations/route-table-associations.ts';
import * as routeTables from './operations/route-tables.ts';
import * as routes from './operations/routes.ts';
import * as runInstances from './operations/run-instances.ts';
import * as securityGroupRelations from './operations/security-group-relations.ts';
import * as securityGroupRuleRecords from './operations/security-group-rule-records.ts';
import * as securityGroupRules from './operations/security-group-rules.ts';
import * as securityGroups from './operations/security-groups.ts';
import * as spotRequests from './operations/spot-requests.ts';
import * as subnets from './operations/subnets.ts';
import * as tags from './operations/tags.ts';
import * as vpcEndpoints from './operations/vpc-endpoints.ts';
import * as vpcs from './operations/vpcs.ts';
import { instanceTables } from './instance-tables.ts';
import type { Ec2Ports } from './ports.ts';
import { instanceReconciler } from './reconcilers/instances.ts';
import { vpcReconciler } from './reconcilers/vpc.ts';
import { tables } from './tables.ts';
import { tagsOfArn } from './taggable.ts';

export { nudgeInstance, watchInstances } from './instance-reports.ts';
export { metadataOfInstance, metadataOfInterface } from './metadata/find.ts';
export { metadataTree, readMetadata } from './metadata/tree.ts';
export { findInstance, interruptionPermission, interruptSpotInstance } from './spot-interruption.ts';
export type { MetadataRecord, MetadataRole } from './metadata/tree.ts';
export type { Ec2Ports, InstanceHost, MetadataEndpoints } from './ports.ts';

/** Amazon EC2: the VPCs of each region and what lives in them, and instances with all that belongs to them. */
export const ec2: Service<Ec2Ports> = {
  name: 'ec2',
  principal: 'ec2.amazonaws.com',
  operations: {
    ...addresses,
    ...dhcpOptions,
    ...instanceDescriptions,
    ...instanceLifecycle,
    ...instanceMonitoring,
    ...volumes,
    ...images,
    ...instanceAttributes,
    ...instanceOutput,
    ...instanceProfileAssociations,
    ...instanceRequirements,
    ...instanceTypes,
    ...keyPairs,
    ...launchTemplates,
    ...launchTemplateVersions,
    ...internetGateways,
    ...natGateways,
    ...networkAclEntries,
    ...networkAcls,
    ...networkInterfaceDescriptions,
    ...networkInterfaces,
    ...prefixLists,
    ...regions,
    ...routeTableAssociations,
    ...routeTables,
    ...routes,
    ...runInstances,
    ...securityGroupRelations,
    ...securityGroupRuleRecords,
    ...securityGroupRules,
    ...securityGroups,
    ...spotRequests,
    ...subnets,
    ...tags,
    ...vpcEndpoints,
    ...vpcs,
  },
  tables: [...tables, ...instanceTables],
  reconcilers: (env) => [
    vpcReconciler(env),
    ...(env.ports.instances ? [instanceReconciler(env, env.ports.instances)] : []),
  ],
  resourceTags: tagsOfArn,
};
