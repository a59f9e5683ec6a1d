import { clientError } from '../errors.ts';
import type { Definition } from './task-definition-rules.ts';

const ROLE = /^(arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+|[\w+=,.@-]{1,64})$/;

/** Roles by ARN or by name; and what ECS does itself before a container starts needs an execution role. */
export function checkRoles({ taskRoleArn, executionRoleArn, containerDefinitions = [] }: Definition): void {
  for (const role of [taskRoleArn, executionRoleArn]) {
    if (role && !ROLE.test(role)) throw clientError('Role is not valid');
  }
  if (executionRoleArn) return;
  if (containerDefinitions.some((container) => container.secrets?.length)) {
    throw clientError(
      "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.",
    );
  }
  if (containerDefinitions.some((container) => container.environmentFiles?.length)) {
    throw clientError(
      "When you are specifying container environment files, you must also specify a value for 'executionRoleArn'.",
    );
  }
  if (containerDefinitions.some((container) => container.repositoryCredentials?.credentialsParameter)) {
    throw clientError(
      'Private repository authentication requires that the task definition specify a value for executionRoleArn.',
    );
  }
}
