/**
 * Members that are left out of every event, in lower case, besides those that the service's model marks as sensitive.
 * What containers get as environment stays in, as at AWS: it is readable in DescribeTaskDefinition anyway.
 */
const SECRETS: ReadonlySet<string> = new Set([
  'authorizationtoken',
  'authtoken',
  'masteruserpassword',
  'newpassword',
  'oldpassword',
  'password',
  'plaintext',
  'privatekey',
  'privatekeyplaintext',
  'samlassertion',
  'secretaccesskey',
  'secretbinary',
  'secretstring',
  'servicepassword',
  'sessiontoken',
  'webidentitytoken',
]);

/** EC2 says that something was there. */
const REMOVED: ReadonlySet<string> = new Set(['keymaterial', 'userdata', 'publickeymaterial']);

export const SENSITIVE_DATA_REMOVED = '<sensitiveDataRemoved>';

export function isSecret(member: string): boolean {
  return SECRETS.has(member.toLowerCase());
}

export function isRemoved(member: string): boolean {
  return REMOVED.has(member.toLowerCase());
}
