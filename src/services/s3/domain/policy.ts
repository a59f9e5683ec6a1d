type Json = Readonly<Record<string, unknown>>;

/** The Resource elements of a policy that has been checked. */
export function policyResources(policy: string): readonly string[] {
  return statementsOf(policy).flatMap(({ Resource, NotResource }) => textsOf(Resource ?? NotResource));
}

/**
 * Whether a statement allows anybody something, without a condition.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
 */
export function isPublicPolicy(policy: string): boolean {
  return statementsOf(policy).some(
    ({ Effect, Principal, Condition }) => Effect === 'Allow' && Condition === undefined && isAnybody(Principal),
  );
}

function isAnybody(principal: unknown): boolean {
  if (typeof principal !== 'object' || principal === null) return principal === '*';
  return textsOf((principal as Json)['AWS']).includes('*');
}

function statementsOf(policy: string): readonly Json[] {
  const { Statement } = JSON.parse(policy) as { readonly Statement: Json | readonly Json[] };
  return [Statement].flat() as readonly Json[];
}

function textsOf(value: unknown): readonly string[] {
  return [value].flat().filter((each) => typeof each === 'string');
}
