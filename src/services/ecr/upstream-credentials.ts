import type { Call } from '../../api/context.ts';
import type { CallAs } from '../../api/service.ts';
import { parseArn } from '../../kernel/arn.ts';
import type { Scope } from '../../kernel/arn.ts';
import { ServiceError } from '../../kernel/errors.ts';
import { jsonFields } from '../../kernel/json-fields.ts';
import type { RegistryCredentials, UpstreamCredentials } from '../../registry/pull-through/upstream.ts';
import { secretInaccessible, secretMalformed, secretNotFound, secretUndecipherable } from './errors.ts';

/** As whom ECR reads secrets: AWSServiceRoleForECRPullThroughCache, which may read no others. */
const LINKED_TO = 'pullthroughcache.ecr.amazonaws.com';

/**
 * Reads user name and access token for another registry from Secrets Manager, each time anew.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-secret.html
 * @throws ServiceError SecretNotFoundException, UnableToAccessSecretException, UnableToDecryptSecretValueException;
 *   InvalidParameterException where there are none in it
 */
export function upstreamCredentials(callIn: (scope: Scope, as?: CallAs) => Call): UpstreamCredentials {
  return async (secretArn) => {
    const { account, region } = parseArn(secretArn) ?? {};
    if (account === undefined || region === undefined) throw secretNotFound();
    const call = callIn({ account, region }, { linkedTo: LINKED_TO });
    const { SecretString } = await call('secretsmanager', 'GetSecretValue', { SecretId: secretArn }).catch(
      inWordsOfEcr,
    );
    return credentialsIn(SecretString);
  };
}

function inWordsOfEcr(error: unknown): never {
  if (!(error instanceof ServiceError)) throw error;
  if (error.code === 'ResourceNotFoundException') throw secretNotFound();
  throw error.code === 'DecryptionFailure' ? secretUndecipherable() : secretInaccessible();
}

function credentialsIn(text = ''): RegistryCredentials {
  // What a parser would say of it holds a piece of the secret.
  const { username, accessToken } = jsonFields(text);
  if (typeof username !== 'string' || typeof accessToken !== 'string') throw secretMalformed();
  return { username, password: accessToken };
}
