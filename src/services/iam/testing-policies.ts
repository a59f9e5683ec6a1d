import type { openTestIam } from './testing.ts';

/** What tests of policies have in common. */
export const ADMIN = 'arn:aws:iam::aws:policy/AdministratorAccess';
export const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

/** The text of a document that allows these actions on everything. */
export function allowing(...actions: readonly string[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] });
}

/** @param resource with the path, e.g. `team/deploy` */
export function policyArnOf(resource: string): string {
  return `arn:aws:iam::123456789012:policy/${resource}`;
}

/** Makes a policy that allows ecs:*, and answers its ARN. */
export async function createPolicy(iam: ReturnType<typeof openTestIam>, name: string, path = '/'): Promise<string> {
  const { Policy } = await iam.call('CreatePolicy', {
    PolicyName: name,
    Path: path,
    PolicyDocument: allowing('ecs:*'),
  });
  return Policy?.Arn ?? '';
}
