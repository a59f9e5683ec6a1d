import { createHash } from 'node:crypto';
import type { DomainValidation } from '../tables.ts';

/** The pattern of ACM's DomainNameString; `localhost` alone is let in beside it. */
const DOMAIN_NAME = /^(\*\.)?(((?!-)[a-z0-9_-]{0,62}[a-z0-9_])\.)+((?!-)[a-z0-9-]{1,62}[a-z0-9])$/;
const MAX_NAME = 253;
/** X.509's limit on a common name. */
const MAX_FIRST_NAME = 64;

/** Lower case, each once, the first stays the first. Answers a problem where there is one. */
export function certificateNames(
  domainName: string,
  alternatives: readonly string[],
): { names: readonly string[] } | { problem: string } {
  const names = [...new Set([domainName, ...alternatives].map((name) => name.toLowerCase().replace(/\.$/, '')))];
  const wrong = names.find((name) => name.length > MAX_NAME || !(name === 'localhost' || DOMAIN_NAME.test(name)));
  if (wrong !== undefined) return { problem: `'${wrong}' is not a valid domain name.` };
  if ((names[0] ?? '').length > MAX_FIRST_NAME) {
    return { problem: `The first domain name cannot exceed ${MAX_FIRST_NAME} characters.` };
  }
  return { names };
}

/** Names under `localhost` belong to this machine alone (RFC 6761), so there is nobody else to ask. */
export function isLocalName(domainName: string): boolean {
  return domainName === 'localhost' || domainName.endsWith('.localhost');
}

/**
 * The CNAME that proves control of a name: the same for each request of one account, as in ACM, so one record serves
 * for renewals, other regions and the wildcard of the name.
 */
export function validationOf(account: string, domainName: string): DomainValidation {
  const base = domainName.replace(/^\*\./, '');
  const digest = createHash('sha256').update(`acm-validation/${account}/${base}`).digest('hex');
  return {
    domainName,
    status: 'PENDING_VALIDATION',
    recordName: `_${digest.slice(0, 32)}.${base}.`,
    recordValue: `_${digest.slice(32, 64)}.acm-validations.aws.`,
  };
}
