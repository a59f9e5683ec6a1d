import { ServiceError } from '../../../kernel/errors.ts';
import { invalidInput, limitExceeded, validationError } from '../errors.ts';
import { checkLength } from './names.ts';

const MOST_CLIENT_IDS = 100;
const MOST_THUMBPRINTS = 5;

/**
 * The issuer's URL without `https://`, as it stands in the provider's ARN and in condition keys. Throws ValidationError.
 * AWS advises against a port and so does the standard; one is accepted, since a provider may run beside the server.
 */
export function issuerOf(url: string): string {
  checkLength(url, 'url', 255, 1);
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isPlain = parsed?.protocol === 'https:' && parsed.username === '' && !/[?#\s]/.test(url);
  if (!isPlain || !url.startsWith('https://')) {
    throw new ServiceError('ValidationError', 'Invalid Open ID Connect Provider URL');
  }
  return url.slice('https://'.length);
}

/** Each once, in the order given. Throws ValidationError or LimitExceeded. */
export function checkClientIds(clientIds: readonly string[]): readonly string[] {
  for (const clientId of clientIds) checkLength(clientId, 'clientIDList', 255, 1);
  const distinct = [...new Set(clientIds)];
  if (distinct.length > MOST_CLIENT_IDS) {
    throw limitExceeded(`Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: ${MOST_CLIENT_IDS}`);
  }
  return distinct;
}

/** SHA-1 fingerprints of certificates, in hexadecimal. Throws ValidationError or InvalidInput. */
export function checkThumbprints(thumbprints: readonly string[]): readonly string[] {
  for (const thumbprint of thumbprints) {
    if (thumbprint.length !== 40) throw validationError('thumbprintList', FORTY);
    if (!/^[0-9a-f]{40}$/i.test(thumbprint)) {
      throw invalidInput(`Thumbprint ${thumbprint} is not valid: it must be 40 hexadecimal digits.`);
    }
  }
  if (thumbprints.length > MOST_THUMBPRINTS) {
    throw invalidInput(`Thumbprint list must contain fewer than ${MOST_THUMBPRINTS} entries.`);
  }
  return thumbprints;
}

const FORTY =
  'Member must satisfy constraint: [Member must have length less than or equal to 40, Member must have length greater than or equal to 40]';
