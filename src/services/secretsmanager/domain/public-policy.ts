import { readDocument } from '../../../policy/read.ts';
import type { Condition } from '../../../policy/model.ts';

/** Keys that hold a policy to somebody or somewhere known, where they are compared for equality. */
const CONFINING: ReadonlySet<string> = new Set([
  'aws:principalaccount',
  'aws:principalarn',
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:sourceaccount',
  'aws:sourcearn',
  'aws:sourceip',
  'aws:sourceorgid',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:userid',
]);

const COMPARING = /^(?:ForAnyValue:)?(?:String(?:Equals|EqualsIgnoreCase|Like)|Arn(?:Equals|Like)|IpAddress)$/i;

/** Whether a policy that was checked lets anybody in. */
export function isPublicPolicy(text: string): boolean {
  return readDocument(text).statements.some(({ effect, principals, conditions }) => {
    const names = Object.values(principals?.values ?? {}).flat();
    const isAnybody = principals?.negated === true || names.includes('*');
    return effect === 'Allow' && isAnybody && !conditions.some(confines);
  });
}

function confines({ operator, key, values }: Condition): boolean {
  return (
    COMPARING.test(operator) && CONFINING.has(key.toLowerCase()) && !values.some((value) => /^\*|\/0$/.test(value))
  );
}
