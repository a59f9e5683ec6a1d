import { serviceName } from '../../policy/facts/facts.ts';
import { invalidInput } from './errors.ts';

/** A service's prefix in lower case. Throws InvalidInput for one that AWS does not have. */
export async function checkService(prefix: string): Promise<string> {
  if ((await serviceName(prefix)) === undefined) throw invalidInput(`Invalid service namespace: ${prefix}`);
  return prefix.toLowerCase();
}
