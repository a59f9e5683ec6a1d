import type { AuthorizationCases } from '../../api/authorization-cases.ts';

const ZONE = 'arn:aws:route53:::hostedzone/Z1';
const CHECK = 'arn:aws:route53:::healthcheck/11111111-2222-4333-8444-555555555555';
const check = { HealthCheckId: '11111111-2222-4333-8444-555555555555' };
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
  ListHostedZonesByVPC: {
    input: { VPCId: 'vpc-1', VPCRegion: 'us-east-1' },
    resources: ['*'],
    conditions: vpcs,
    also,
  },
  GetHostedZoneLimit: { input: { ...zone, Type: 'MAX_RRSETS_BY_ZONE' }, resources: [ZONE] },
  GetAccountLimit: { input: { Type: 'MAX_HOSTED_ZONES_BY_OWNER' }, resources: ['*'] },
  TestDNSAnswer: { input: { ...zone, RecordName: 'www.a.example', RecordType: 'A' }, resources: ['*'] },
  GetGeoLocation: { input: { ContinentCode: 'EU' }, resources: ['*'] },
  ListGeoLocations: { input: {}, resources: ['*'] },
  CreateHealthCheck: {
    input: { CallerReference: 'once', HealthCheckConfig: { Type: 'TCP', Port: 80, IPAddress: '192.0.2.1' } },
    resources: ['*'],
  },
  ListHealthChecks: { input: {}, resources: ['*'] },
  GetHealthCheckCount: { input: {}, resources: ['*'] },
  GetHealthCheck: { input: check, resources: [CHECK] },
  UpdateHealthCheck: { input: { ...check, Inverted: true }, resources: [CHECK] },
  DeleteHealthCheck: { input: check, resources: [CHECK] },
  GetHealthCheckStatus: { input: check, resources: [CHECK] },
  GetHealthCheckLastFailureReason: { input: check, resources: [CHECK] },
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
