/** What is wrong with one Action, in AWS's words. */
export function actionProblem(action: string): string | undefined {
  if (action === '*') return undefined;
  const [vendor = '', name, ...more] = action.split(':');
  if (name === undefined) return 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.';
  if (more.length > 0) return 'Actions/Condition can contain only one colon.';
  if (vendor !== '*' && !/^[A-Za-z0-9.-]+$/.test(vendor)) return `Vendor ${vendor} is not valid`;
  return /^[A-Za-z0-9*?]+$/.test(name) ? undefined : 'The policy failed legacy parsing';
}

/** What is wrong with one condition key: `aws:SourceIp`, or of an OIDC provider `host/path:sub`. */
export function conditionKeyProblem(key: string): string | undefined {
  return /^[^:]+:./.test(key)
    ? undefined
    : 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.';
}
