import type { AuthorizationCases } from '../../api/authorization-cases.ts';

const ZONE = 'arn:aws:route53:::hostedzone/Z1';
const zone = { HostedZoneId: 'Z1' };
const VPC = { VPCId: 'vpc-1', VPCRegion: 'us-east-1' } as const;
const vpcs = { 'route53:vpcs': ['VPCId=vpc-1,VPCRegion=us-east-1'] };
const also = [{ action: 'ec2:DescribeVpcs', resources: ['*'] }];

export const ROUTE53_CASES: AuthorizationCases<'route53'> = {
  CreateHostedZone: {
    input: { Name: 'a.example', CallerReference: 'once', VPC },
    resources: ['*'],
    conditions: vpcs,
    also,
  },
  GetHostedZone: { input: { Id: 'Z1' }, resources: [ZONE] },
  DeleteHostedZone: { input: { Id: '/hostedzone/Z1' }, resources: [ZONE] },
  UpdateHostedZoneComment: { input: { Id: 'Z1' }, resources: [ZONE] },
  GetHostedZoneCount: { input: {}, resources: ['*'] },
  ListHostedZones: { input: {}, resources: ['*'] },
  ListHostedZonesByName: { input: {}, resources: ['*'] },
  GetChange: { input: { Id: '/change/C1' }, resources: ['arn:aws:route53:::change/C1'] },
  ChangeResourceRecordSets: {
    input: {
      ...zone,
      ChangeBatch: {
        Changes: [
          { Action: 'UPSERT', ResourceRecordSet: { Name: 'WWW.a.example.', Type: 'A' } },
          { Action: 'DELETE', ResourceRecordSet: { Name: 'www.a.example', Type: 'A' } },
        ],
      },
    },
    resources: [ZONE],
    conditions: {
      'route53:changeresourcerecordsetsactions': ['UPSERT', 'DELETE'],
      'route53:changeresourcerecordsetsrecordtypes': ['A'],
      'route53:changeresourcerecordsetsnormalizedrecordnames': ['www.a.example'],
    },
  },
  ListResourceRecordSets: { input: zone, resources: [ZONE] },
  AssociateVPCWithHostedZone: { input: { ...zone, VPC }, resources: [ZONE], conditions: vpcs, also },
  DisassociateVPCFromHostedZone: { input: { ...zone, VPC }, resources: [ZONE], conditions: vpcs, also },
  ChangeTagsForResource: {
    input: { ResourceType: 'hostedzone', ResourceId: 'Z1', AddTags: [{ Key: 'team', Value: 'web' }] },
    resources: [ZONE],
  },
  ListTagsForResource: { input: { ResourceType: 'hostedzone', ResourceId: 'Z1' }, resources: [ZONE] },
  ListTagsForResources: {
    input: { ResourceType: 'hostedzone', ResourceIds: ['Z1', 'Z2'] },
    resources: [ZONE, 'arn:aws:route53:::hostedzone/Z2'],
  },
};
