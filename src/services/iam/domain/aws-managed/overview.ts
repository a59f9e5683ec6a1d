import { allow, awsManaged, type AwsManagedPolicy } from './managed-policy.ts';
import { READ_APPLICATIONS } from './read-applications.ts';
import { READ_INFRASTRUCTURE } from './read-infrastructure.ts';
import { SECURITY_AUDIT } from './security-audit.ts';
import { VIEW_ONLY } from './view-only.ts';

const withItems = (...collections: readonly string[]): string[] => collections.flatMap((path) => [path, `${path}/*`]);

/** How APIs are configured, but neither their keys nor their usage plans. */
const API_CONFIGURATION = [
  '/apis',
  ...withItems(
    ...['authorizers', 'deployments', 'integrations', 'models', 'routes', 'stages'].map((part) => `/apis/*/${part}`),
  ),
  '/apis/*/cors',
  '/apis/*/exports/*',
  '/restapis',
  ...withItems(
    ...[
      'authorizers',
      'deployments',
      'documentation/parts',
      'documentation/versions',
      'gatewayresponses',
      'models',
      'requestvalidators',
      'resources',
      'stages',
    ].map((part) => `/restapis/*/${part}`),
  ),
  ...withItems('/clientcertificates'),
  '/domainnames',
  '/domainnames/*/apimappings',
  '/tags/*',
  '/vpclinks',
].map((path) => `arn:aws:apigateway:*::${path}`);

const LOOK_AT_APIS = allow('LookAtApis', { apigateway: 'GET' }, { on: API_CONFIGURATION });

/**
 * Policies over every service. They name actions by the shortest patterns that grant what AWS's grant among the actions
 * that the service authorization reference knows.
 */
export const OVERVIEW_POLICIES: readonly AwsManagedPolicy[] = [
  awsManaged({
    name: 'ReadOnlyAccess',
    description: 'Reading everything, in every service, contents included.',
    created: '2015-02-06T18:39:48',
    updated: '2026-07-21T18:42:30',
    version: 'v188',
    statements: [
      ...READ_APPLICATIONS,
      ...READ_INFRASTRUCTURE,
      allow(
        'ReadExpressBuckets',
        { s3express: 'CreateSession' },
        { when: { StringEquals: { 's3express:SessionMode': 'ReadOnly' } } },
      ),
    ],
  }),
  awsManaged({
    name: 'ViewOnlyAccess',
    path: '/job-function/',
    description: 'Seeing what there is, in the most used services, but not what is in it.',
    created: '2016-11-10T17:20:15',
    updated: '2026-04-22T18:12:21',
    version: 'v45',
    statements: [...VIEW_ONLY, LOOK_AT_APIS],
  }),
  awsManaged({
    name: 'SecurityAudit',
    description: 'Reading how things are configured, for security audits.',
    created: '2015-02-06T18:41:01',
    updated: '2026-08-17T15:27:26',
    version: 'v92',
    statements: [...SECURITY_AUDIT, LOOK_AT_APIS],
  }),
];
