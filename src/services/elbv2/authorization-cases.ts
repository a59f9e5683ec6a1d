import type { AuthorizationCases } from '../../api/authorization-cases.ts';

const ARN = 'arn:aws:elasticloadbalancing:us-east-1:123456789012';
const LOAD_BALANCER = `${ARN}:loadbalancer/app/web/0123456789abcdef`;
const LISTENER = `${ARN}:listener/app/web/0123456789abcdef/fedcba9876543210`;
const RULE = `${ARN}:listener-rule/app/web/0123456789abcdef/fedcba9876543210/0011223344556677`;
const TARGET_GROUP = `${ARN}:targetgroup/web/8899aabbccddeeff`;
const TRUST_STORE = `${ARN}:truststore/clients/76543210fedcba98`;
const CERTIFICATE = 'arn:aws:acm:us-east-1:123456789012:certificate/one';
const TAGS = [{ Key: 'team', Value: 'web' }];

export const ELBV2_CASES: AuthorizationCases<'elbv2'> = {
  CreateLoadBalancer: {
    input: { Name: 'web', Subnets: ['subnet-1', 'subnet-2'], SecurityGroups: ['sg-1'], Tags: TAGS },
    resources: [`${ARN}:loadbalancer/app/web/*`],
    conditions: {
      'elasticloadbalancing:scheme': 'internet-facing',
      'elasticloadbalancing:subnet': ['subnet-1', 'subnet-2'],
      'elasticloadbalancing:securitygroup': ['sg-1'],
    },
    also: [{ action: 'elasticloadbalancing:AddTags', resources: [`${ARN}:loadbalancer/app/web/*`] }],
  },
  DeleteLoadBalancer: { input: { LoadBalancerArn: LOAD_BALANCER }, resources: [LOAD_BALANCER] },
  DescribeLoadBalancers: { input: { LoadBalancerArns: [LOAD_BALANCER] }, resources: ['*'] },
  DescribeLoadBalancerAttributes: { input: { LoadBalancerArn: LOAD_BALANCER }, resources: ['*'] },
  ModifyLoadBalancerAttributes: {
    input: { LoadBalancerArn: LOAD_BALANCER, Attributes: [] },
    resources: [LOAD_BALANCER],
  },
  SetSecurityGroups: {
    input: { LoadBalancerArn: LOAD_BALANCER, SecurityGroups: ['sg-1', 'sg-2'] },
    resources: [LOAD_BALANCER],
    conditions: { 'elasticloadbalancing:securitygroup': ['sg-1', 'sg-2'] },
  },
  SetSubnets: {
    input: { LoadBalancerArn: LOAD_BALANCER, SubnetMappings: [{ SubnetId: 'subnet-1' }] },
    resources: [LOAD_BALANCER],
    conditions: { 'elasticloadbalancing:subnet': ['subnet-1'] },
  },
  CreateListener: {
    input: {
      LoadBalancerArn: LOAD_BALANCER,
      Protocol: 'HTTPS',
      Port: 443,
      Certificates: [{ CertificateArn: CERTIFICATE }],
      DefaultActions: [{ Type: 'forward', TargetGroupArn: TARGET_GROUP }],
      Tags: TAGS,
    },
    resources: [LOAD_BALANCER],
    conditions: {
      'elasticloadbalancing:listenerprotocol': ['HTTPS'],
      'elasticloadbalancing:securitypolicy': ['ELBSecurityPolicy-2016-08'],
    },
    also: [
      {
        action: 'elasticloadbalancing:AddTags',
        resources: [`${ARN}:listener/app/web/0123456789abcdef/*`],
      },
    ],
  },
  ModifyListener: {
    input: { ListenerArn: LISTENER, Protocol: 'HTTPS', SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06' },
    resources: [LISTENER],
    conditions: {
      'elasticloadbalancing:listenerprotocol': ['HTTPS'],
      'elasticloadbalancing:securitypolicy': ['ELBSecurityPolicy-TLS13-1-2-2021-06'],
    },
  },
  DeleteListener: { input: { ListenerArn: LISTENER }, resources: [LISTENER] },
  DescribeListeners: { input: { ListenerArns: [LISTENER] }, resources: ['*'] },
  DescribeListenerAttributes: { input: { ListenerArn: LISTENER }, resources: ['*'] },
  ModifyListenerAttributes: { input: { ListenerArn: LISTENER, Attributes: [] }, resources: [LISTENER] },
  SetIpAddressType: { input: { LoadBalancerArn: LOAD_BALANCER, IpAddressType: 'ipv4' }, resources: [LOAD_BALANCER] },
  DescribeCapacityReservation: { input: { LoadBalancerArn: LOAD_BALANCER }, resources: ['*'] },
  AddListenerCertificates: {
    input: { ListenerArn: LISTENER, Certificates: [{ CertificateArn: CERTIFICATE }] },
    resources: [LISTENER],
  },
  RemoveListenerCertificates: {
    input: { ListenerArn: LISTENER, Certificates: [{ CertificateArn: CERTIFICATE }] },
    resources: [LISTENER],
  },
  DescribeListenerCertificates: { input: { ListenerArn: LISTENER }, resources: ['*'] },
  CreateRule: {
    input: {
      ListenerArn: LISTENER,
      Priority: 1,
      Conditions: [{ Field: 'path-pattern', Values: ['/api/*'] }],
      Actions: [{ Type: 'forward', TargetGroupArn: TARGET_GROUP }],
      Tags: TAGS,
    },
    resources: [LISTENER],
    also: [
      {
        action: 'elasticloadbalancing:AddTags',
        resources: [`${ARN}:listener-rule/app/web/0123456789abcdef/fedcba9876543210/*`],
      },
    ],
  },
  ModifyRule: { input: { RuleArn: RULE }, resources: [RULE] },
  DeleteRule: { input: { RuleArn: RULE }, resources: [RULE] },
  DescribeRules: { input: { RuleArns: [RULE] }, resources: ['*'] },
  SetRulePriorities: {
    input: {
      RulePriorities: [
        { RuleArn: RULE, Priority: 1 },
        { RuleArn: `${RULE}0`, Priority: 2 },
      ],
    },
    resources: [RULE, `${RULE}0`],
  },
  CreateTargetGroup: {
    input: { Name: 'web', Protocol: 'HTTP', Port: 80, VpcId: 'vpc-1', TargetType: 'ip', Tags: TAGS },
    resources: [`${ARN}:targetgroup/web/*`],
    also: [{ action: 'elasticloadbalancing:AddTags', resources: [`${ARN}:targetgroup/web/*`] }],
  },
  ModifyTargetGroup: { input: { TargetGroupArn: TARGET_GROUP }, resources: [TARGET_GROUP] },
  DeleteTargetGroup: { input: { TargetGroupArn: TARGET_GROUP }, resources: [TARGET_GROUP] },
  DescribeTargetGroups: { input: { TargetGroupArns: [TARGET_GROUP] }, resources: ['*'] },
  DescribeTargetGroupAttributes: { input: { TargetGroupArn: TARGET_GROUP }, resources: ['*'] },
  ModifyTargetGroupAttributes: {
    input: { TargetGroupArn: TARGET_GROUP, Attributes: [] },
    resources: [TARGET_GROUP],
  },
  RegisterTargets: {
    input: { TargetGroupArn: TARGET_GROUP, Targets: [{ Id: '172.31.0.4' }] },
    resources: [TARGET_GROUP],
  },
  DeregisterTargets: {
    input: { TargetGroupArn: TARGET_GROUP, Targets: [{ Id: '172.31.0.4' }] },
    resources: [TARGET_GROUP],
  },
  DescribeTargetHealth: { input: { TargetGroupArn: TARGET_GROUP }, resources: ['*'] },
  AddTags: {
    input: { ResourceArns: [LOAD_BALANCER, LISTENER, RULE, TARGET_GROUP], Tags: TAGS },
    resources: [LOAD_BALANCER, LISTENER, RULE, TARGET_GROUP],
  },
  RemoveTags: {
    input: { ResourceArns: [LOAD_BALANCER, LISTENER, RULE, TARGET_GROUP], TagKeys: ['team'] },
    resources: [LOAD_BALANCER, LISTENER, RULE, TARGET_GROUP],
  },
  CreateTrustStore: {
    input: { Name: 'clients', CaCertificatesBundleS3Bucket: 'pki', CaCertificatesBundleS3Key: 'ca.pem', Tags: TAGS },
    resources: [`${ARN}:truststore/clients/*`],
    also: [{ action: 'elasticloadbalancing:AddTags', resources: [`${ARN}:truststore/clients/*`] }],
  },
  DescribeTrustStores: { input: { TrustStoreArns: [TRUST_STORE] }, resources: ['*'] },
  ModifyTrustStore: {
    input: { TrustStoreArn: TRUST_STORE, CaCertificatesBundleS3Bucket: 'pki', CaCertificatesBundleS3Key: 'ca.pem' },
    resources: [TRUST_STORE],
  },
  DeleteTrustStore: { input: { TrustStoreArn: TRUST_STORE }, resources: [TRUST_STORE] },
  DescribeTrustStoreAssociations: { input: { TrustStoreArn: TRUST_STORE }, resources: ['*'] },
  AddTrustStoreRevocations: {
    input: { TrustStoreArn: TRUST_STORE, RevocationContents: [{ S3Bucket: 'pki', S3Key: 'crl.pem' }] },
    resources: [TRUST_STORE],
  },
  DescribeTrustStoreRevocations: { input: { TrustStoreArn: TRUST_STORE }, resources: ['*'] },
  RemoveTrustStoreRevocations: {
    input: { TrustStoreArn: TRUST_STORE, RevocationIds: [1] },
    resources: [TRUST_STORE],
  },
  GetTrustStoreCaCertificatesBundle: { input: { TrustStoreArn: TRUST_STORE }, resources: [TRUST_STORE] },
  GetTrustStoreRevocationContent: { input: { TrustStoreArn: TRUST_STORE, RevocationId: 1 }, resources: [TRUST_STORE] },
  DescribeTags: { input: { ResourceArns: [LOAD_BALANCER] }, resources: ['*'] },
  DescribeAccountLimits: { input: {}, resources: ['*'] },
  DescribeSSLPolicies: { input: {}, resources: ['*'] },
};
