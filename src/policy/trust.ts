/**
 * What a role's trust policy decides: without it nothing is allowed, not even by the account's own policies.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html
 */
const TRUST_ACTIONS: ReadonlySet<string> = new Set([
  'sts:assumerole',
  'sts:assumerolewithsaml',
  'sts:assumerolewithwebidentity',
  'sts:tagsession',
  'sts:setsourceidentity',
  'sts:setcontext',
]);

/**
 * sts:TagSession and the like are also asked of federated users, which have no trust policy.
 * @param action in any case
 */
export function isTrustAction(action: string, resource: string): boolean {
  const name = action.toLowerCase();
  return TRUST_ACTIONS.has(name) && (name.startsWith('sts:assumerole') || resource.includes(':role/'));
}
