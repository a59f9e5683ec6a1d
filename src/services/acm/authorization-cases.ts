import type { AuthorizationCases } from '../../api/authorization-cases.ts';

const ANY = 'arn:aws:acm:us-east-1:123456789012:certificate/*';
const ARN = 'arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-4333-8444-555555555555';
const certificate = { CertificateArn: ARN };
const Tags = [{ Key: 'team', Value: 'web' }];
const tagging = [{ action: 'acm:AddTagsToCertificate', resources: [ANY] }];

export const ACM_CASES: AuthorizationCases<'acm'> = {
  RequestCertificate: {
    input: { DomainName: 'a.example', SubjectAlternativeNames: ['b.example'], ValidationMethod: 'DNS', Tags },
    resources: ['*'],
    conditions: {
      'acm:domainnames': ['a.example', 'b.example'],
      'acm:keyalgorithm': 'RSA_2048',
      'acm:validationmethod': 'DNS',
    },
    also: tagging,
  },
  ImportCertificate: {
    input: { Certificate: new Uint8Array(), PrivateKey: new Uint8Array(), Tags },
    resources: [ANY],
    also: tagging,
  },
  ListCertificates: { input: {}, resources: ['*'] },
  DescribeCertificate: { input: certificate, resources: [ARN] },
  GetCertificate: { input: certificate, resources: [ARN] },
  ExportCertificate: { input: { ...certificate, Passphrase: new Uint8Array() }, resources: [ARN] },
  UpdateCertificateOptions: { input: { ...certificate, Options: {} }, resources: [ARN] },
  GetAccountConfiguration: { input: {}, resources: ['*'] },
  PutAccountConfiguration: { input: { IdempotencyToken: 'once' }, resources: ['*'] },
  DeleteCertificate: { input: certificate, resources: [ARN] },
  RenewCertificate: { input: certificate, resources: [ARN] },
  AddTagsToCertificate: { input: { ...certificate, Tags }, resources: [ARN] },
  RemoveTagsFromCertificate: { input: { ...certificate, Tags }, resources: [ARN] },
  ListTagsForCertificate: { input: certificate, resources: [ARN] },
};
