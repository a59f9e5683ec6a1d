import { validationError } from '../errors.ts';

/** Throws ValidationError for a value that the model does not know. */
export function checkEnum<T extends string>(value: T | undefined, member: string, values: readonly T[]): T | undefined {
  if (value !== undefined && !values.includes(value)) {
    throw validationError(member, `Member must satisfy enum value set: [${values.join(', ')}]`);
  }
  return value;
}

export const ENTITY_TYPES = ['User', 'Role', 'Group', 'LocalManagedPolicy', 'AWSManagedPolicy'] as const;
export const USAGE_TYPES = ['PermissionsPolicy', 'PermissionsBoundary'] as const;
export const POLICY_SCOPES = ['All', 'AWS', 'Local'] as const;
