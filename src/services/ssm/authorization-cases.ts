import type { AuthorizationCases } from '../../api/authorization-cases.ts';

const PREFIX = 'arn:aws:ssm:us-east-1:123456789012:parameter';
const ARN = `${PREFIX}/team/db`;
const SESSION = 'arn:aws:ssm:us-east-1:123456789012:session/anna-1';
const Name = '/team/db';
const Labels = ['live'];
const tagged = { ResourceType: 'Parameter', ResourceId: Name } as const;
const Tags = [{ Key: 'team', Value: 'web' }];

/** What each operation must be allowed. */
export const SSM_CASES: AuthorizationCases<'ssm'> = {
  ResumeSession: { input: { SessionId: 'anna-1' }, resources: [SESSION] },
  TerminateSession: { input: { SessionId: 'anna-1' }, resources: [SESSION] },
  PutParameter: {
    input: { Name, Value: 'x', Type: 'String', Tags },
    resources: [ARN],
    conditions: { 'ssm:overwrite': 'false' },
    also: [{ action: 'ssm:AddTagsToResource', resources: [ARN] }],
  },
  GetParameter: { input: { Name: `${Name}:3` }, resources: [ARN] },
  GetParameters: {
    input: { Names: [`${Name}:live`, `${ARN}:3`, 'single'] },
    resources: [ARN, ARN, `${PREFIX}/single`],
  },
  GetParametersByPath: {
    input: { Path: '/team', Recursive: true },
    resources: [`${PREFIX}/team`],
    conditions: { 'ssm:recursive': 'true' },
  },
  GetParameterHistory: { input: { Name }, resources: [ARN] },
  DescribeParameters: { input: {}, resources: ['*'] },
  LabelParameterVersion: { input: { Name, Labels }, resources: [ARN] },
  UnlabelParameterVersion: { input: { Name, ParameterVersion: 1, Labels }, resources: [ARN] },
  DeleteParameter: { input: { Name }, resources: [ARN] },
  DeleteParameters: { input: { Names: [Name, 'single'] }, resources: [ARN, `${PREFIX}/single`] },
  AddTagsToResource: { input: { ...tagged, Tags }, resources: [ARN] },
  RemoveTagsFromResource: { input: { ...tagged, TagKeys: ['team'] }, resources: [ARN] },
  ListTagsForResource: { input: tagged, resources: [ARN] },
};
