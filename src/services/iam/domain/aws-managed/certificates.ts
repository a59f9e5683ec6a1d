import { allow, awsManaged, createLinkedRole, type AwsManagedPolicy } from './managed-policy.ts';

const LINKED_ROLE = 'arn:aws:iam::*:role/aws-service-role/acm.amazonaws.com/AWSServiceRoleForCertificateManager*';

/** https://docs.aws.amazon.com/acm/latest/userguide/authen-awsmanagedpolicies.html */
export const CERTIFICATE_POLICIES: readonly AwsManagedPolicy[] = [
  awsManaged({
    name: 'AWSCertificateManagerFullAccess',
    description: 'All of AWS Certificate Manager.',
    created: '2016-01-21T17:02:36',
    updated: '2020-08-17T22:18:28',
    version: 'v2',
    statements: [
      allow('Certificates', { acm: '*' }),
      createLinkedRole('ServiceLinkedRole', 'acm.amazonaws.com', LINKED_ROLE),
      allow(
        'KeepServiceLinkedRole',
        { iam: 'GetRole DeleteServiceLinkedRole GetServiceLinkedRoleDeletionStatus' },
        { on: LINKED_ROLE },
      ),
    ],
  }),
  awsManaged({
    name: 'AWSCertificateManagerReadOnly',
    description: 'Looking at AWS Certificate Manager.',
    created: '2016-01-21T17:07:33',
    updated: '2026-08-13T18:07:23',
    version: 'v7',
    statements: [
      allow('Certificates', {
        acm: `DescribeCertificate GetCertificate ListCertificates SearchCertificates ListCertificateDomainValidations
          ListTagsForCertificate ListTagsForResource GetAccountConfiguration`,
      }),
      allow('Acme', {
        acm: `DescribeAcmeAccount DescribeAcmeDomainValidation DescribeAcmeEndpoint DescribeAcmeExternalAccountBinding
          ListAcmeAccounts ListAcmeDomainValidations ListAcmeEndpoints ListAcmeExternalAccountBindings`,
      }),
    ],
  }),
  awsManaged({
    name: 'CertificateManagerServiceRolePolicy',
    path: '/aws-service-role/',
    description: 'What AWS Certificate Manager does with private authorities, in its service-linked role.',
    created: '2020-06-25T17:56:49',
    statements: [allow('PrivateCertificates', { 'acm-pca': 'IssueCertificate GetCertificate' })],
  }),
];
