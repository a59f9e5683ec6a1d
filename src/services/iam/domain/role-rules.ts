import { invalidInput, validationError } from '../errors.ts';
import { LINKED_ROLE_PATH, LINKED_ROLE_PREFIX } from './linked-services.ts';
import { checkLength, checkName, checkPath } from './names.ts';

export const DEFAULT_SESSION_SECONDS = 3600;
const LONGEST_SESSION_SECONDS = 43_200;

/** Tab, line ends, and what Latin-1 can print. */
// oxlint-disable-next-line no-control-regex -- the model's pattern
const DESCRIPTION = /^[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*$/;

/** Name and path of a role that is not AWS's own; throws ValidationError or InvalidInput. */
export function checkNewRole(input: { readonly RoleName?: string | undefined; readonly Path?: string | undefined }): {
  readonly name: string;
  readonly path: string;
} {
  const name = checkName('role', input.RoleName ?? '');
  const path = checkPath(input.Path);
  if (path.startsWith(LINKED_ROLE_PATH)) {
    throw invalidInput(`Path prefix '${LINKED_ROLE_PATH}' can only be used for AWS Service linked Roles`);
  }
  if (name.toLowerCase().startsWith(LINKED_ROLE_PREFIX.toLowerCase())) {
    throw invalidInput(`Name prefix '${LINKED_ROLE_PREFIX}' can only be used for AWS Service linked Roles`);
  }
  return { name, path };
}

/** An hour to twelve, in seconds; throws ValidationError. */
export function checkMaxSessionDuration(seconds: number): number {
  if (seconds < DEFAULT_SESSION_SECONDS) {
    throw outOfRange(`greater than or equal to ${DEFAULT_SESSION_SECONDS}`);
  }
  if (seconds > LONGEST_SESSION_SECONDS) throw outOfRange(`less than or equal to ${LONGEST_SESSION_SECONDS}`);
  return seconds;
}

function outOfRange(limit: string): Error {
  return validationError('maxSessionDuration', `Member must have value ${limit}`);
}

export function checkRoleDescription(description: string): string {
  checkLength(description, 'description', 1000);
  if (!DESCRIPTION.test(description)) {
    const pattern = '[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*';
    throw validationError('description', `Member must satisfy regular expression pattern: ${pattern}`);
  }
  return description;
}
