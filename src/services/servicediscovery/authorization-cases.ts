import type { AuthorizationCases } from '../../api/authorization-cases.ts';

const NAMESPACE = 'arn:aws:servicediscovery:us-east-1:123456789012:namespace/ns-1';
const ANY_NAMESPACE = 'arn:aws:servicediscovery:us-east-1:123456789012:namespace/*';
const SERVICE = 'arn:aws:servicediscovery:us-east-1:123456789012:service/srv-1';
const ANY_SERVICE = 'arn:aws:servicediscovery:us-east-1:123456789012:service/*';
const createdBy = { 'servicediscovery:servicecreatedbyaccount': '123456789012' };
const ofService = { 'servicediscovery:servicearn': SERVICE };
const names = { NamespaceName: 'internal', ServiceName: 'web' };
const named = { 'servicediscovery:namespacename': 'internal', 'servicediscovery:servicename': 'web' };
const instance = { ServiceId: 'srv-1', InstanceId: 'i-1' };
const zone = { action: 'route53:CreateHostedZone', resources: ['*'] };

const Tags = [{ Key: 'team', Value: 'web' }];
const tagged = { action: 'servicediscovery:TagResource', resources: ['*'] };

/** What each operation must be allowed. */
export const SERVICEDISCOVERY_CASES: AuthorizationCases<'servicediscovery'> = {
  CreateHttpNamespace: {
    input: { Name: 'internal', Tags },
    resources: ['*'],
    also: [tagged],
  },
  CreatePrivateDnsNamespace: {
    input: { Name: 'internal', Vpc: 'vpc-1' },
    resources: ['*'],
    also: [zone, { action: 'ec2:DescribeVpcs', resources: ['*'] }],
  },
  CreatePublicDnsNamespace: { input: { Name: 'a.example' }, resources: ['*'], also: [zone] },
  GetNamespace: { input: { Id: 'ns-1' }, resources: [NAMESPACE] },
  ListNamespaces: { input: {}, resources: ['*'] },
  UpdateHttpNamespace: { input: { Id: 'ns-1', Namespace: { Description: 'd' } }, resources: [NAMESPACE] },
  UpdatePrivateDnsNamespace: { input: { Id: NAMESPACE, Namespace: { Description: 'd' } }, resources: [NAMESPACE] },
  UpdatePublicDnsNamespace: { input: { Id: 'ns-1', Namespace: { Description: 'd' } }, resources: [NAMESPACE] },
  DeleteNamespace: { input: { Id: 'ns-1' }, resources: [NAMESPACE] },
  CreateService: {
    input: { Name: 'web', NamespaceId: 'ns-1', Tags },
    resources: [NAMESPACE, ANY_SERVICE],
    conditions: { 'servicediscovery:namespacearn': NAMESPACE },
    also: [tagged],
  },
  GetService: { input: { Id: 'srv-1' }, resources: [SERVICE] },
  ListServices: { input: {}, resources: ['*'] },
  UpdateService: { input: { Id: SERVICE, Service: {} }, resources: [SERVICE], conditions: createdBy },
  DeleteService: { input: { Id: 'srv-1' }, resources: [SERVICE], conditions: createdBy },
  GetServiceAttributes: { input: { ServiceId: 'srv-1' }, resources: [SERVICE] },
  UpdateServiceAttributes: {
    input: { ServiceId: 'srv-1', Attributes: { a: 'b' } },
    resources: [SERVICE],
    conditions: createdBy,
  },
  DeleteServiceAttributes: {
    input: { ServiceId: 'srv-1', Attributes: ['a'] },
    resources: [SERVICE],
    conditions: createdBy,
  },
  RegisterInstance: {
    input: { ...instance, Attributes: {} },
    resources: [SERVICE],
    conditions: { ...ofService, ...createdBy },
  },
  DeregisterInstance: { input: instance, resources: [SERVICE], conditions: { ...ofService, ...createdBy } },
  GetInstance: { input: instance, resources: [SERVICE], conditions: ofService },
  ListInstances: { input: { ServiceId: 'srv-1' }, resources: [SERVICE], conditions: ofService },
  GetInstancesHealthStatus: { input: { ServiceId: 'srv-1' }, resources: [SERVICE], conditions: ofService },
  UpdateInstanceCustomHealthStatus: {
    input: { ...instance, Status: 'HEALTHY' },
    resources: [SERVICE],
    conditions: { ...ofService, ...createdBy },
  },
  DiscoverInstances: { input: names, resources: [ANY_NAMESPACE, ANY_SERVICE], conditions: named },
  DiscoverInstancesRevision: { input: names, resources: [ANY_NAMESPACE, ANY_SERVICE], conditions: named },
  GetOperation: { input: { OperationId: 'o-1' }, resources: [ANY_NAMESPACE] },
  ListOperations: { input: {}, resources: ['*'] },
  TagResource: { input: { ResourceARN: SERVICE, Tags: [{ Key: 'team', Value: 'web' }] }, resources: ['*'] },
  UntagResource: { input: { ResourceARN: SERVICE, TagKeys: ['team'] }, resources: ['*'] },
  ListTagsForResource: { input: { ResourceARN: SERVICE }, resources: ['*'] },
};
