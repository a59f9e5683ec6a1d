import type { AuthorizationCases } from '../../../api/authorization-cases.ts';

const USER = 'arn:aws:iam::123456789012:user/team/alice';
const ROLE = 'arn:aws:iam::123456789012:role/web';
const GROUP = 'arn:aws:iam::123456789012:group/developers';
const POLICY = 'arn:aws:iam::123456789012:policy/team/deploy';
const DOCUMENT = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'ecs:RunTask', Resource: '*' }],
});
const JOB = '0a1b2c3d-0000-4000-8000-0123456789ab';

/** Simulation, context keys, service last accessed data. */
export const SIMULATION_CASES: AuthorizationCases<'iam'> = {
  SimulateCustomPolicy: {
    input: { PolicyInputList: [DOCUMENT], ActionNames: ['ecs:RunTask'] },
    resources: ['*'],
  },
  SimulatePrincipalPolicy: { input: { PolicySourceArn: USER, ActionNames: ['ecs:RunTask'] }, resources: [USER] },
  GetContextKeysForCustomPolicy: { input: { PolicyInputList: [DOCUMENT] }, resources: ['*'] },
  GetContextKeysForPrincipalPolicy: { input: { PolicySourceArn: ROLE }, resources: [ROLE] },
  GenerateServiceLastAccessedDetails: { input: { Arn: POLICY }, resources: [POLICY] },
  GetServiceLastAccessedDetails: { input: { JobId: JOB }, resources: ['*'] },
  GetServiceLastAccessedDetailsWithEntities: { input: { JobId: JOB, ServiceNamespace: 'ecs' }, resources: ['*'] },
  ListPoliciesGrantingServiceAccess: { input: { Arn: GROUP, ServiceNamespaces: ['ecs'] }, resources: [GROUP] },
};
