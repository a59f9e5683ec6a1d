import type { Parameter } from '@aws-sdk/client-ssm';
import type { Output } from '../../api/clients.ts';
import type { Context } from '../../api/context.ts';
import { ServiceError } from '../../kernel/errors.ts';
import { invalid, noSuchParameter } from './errors.ts';
import type { ParameterReference } from './domain/parameter-name.ts';

/**
 * A secret of Secrets Manager, read in the caller's own name as if it were a parameter. A selector is the id or the
 * staging label of a version.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/integration-ps-secretsmanager.html
 * @throws ValidationException, ParameterNotFound, AccessDeniedException
 */
export async function readSecret(
  ctx: Context,
  secret: string,
  { name, selector }: ParameterReference,
  decrypted: boolean | undefined,
): Promise<Parameter> {
  if (!decrypted) throw invalid('WithDecryption flag must be True for retrieving a Secret Manager secret.');
  const answer = await secretValue(ctx, { SecretId: secret, ...versionIn(selector) }, name);
  if (answer.SecretString === undefined) {
    throw invalid(`The secret ${name} is binary, which Parameter Store can't reference.`);
  }
  return {
    Name: name,
    Type: 'SecureString',
    Value: answer.SecretString,
    Version: 0,
    ...(selector !== undefined && { Selector: `:${selector}` }),
    SourceResult: sourceResult(answer),
    ...(answer.CreatedDate && { LastModifiedDate: answer.CreatedDate }),
    ...(answer.ARN !== undefined && { ARN: answer.ARN }),
    DataType: 'text',
  };
}

function versionIn(selector: string | undefined) {
  if (selector === undefined) return {};
  return /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(selector)
    ? { VersionId: selector }
    : { VersionStage: selector };
}

async function secretValue(
  ctx: Context,
  input: { readonly SecretId: string; readonly VersionId?: string; readonly VersionStage?: string },
  name: string,
): Promise<Output<'secretsmanager', 'GetSecretValue'>> {
  try {
    return await ctx.callAsCaller('secretsmanager', 'GetSecretValue', { ...input });
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code !== 'ResourceNotFoundException') throw error;
    throw noSuchParameter(
      `An error occurred (ParameterNotFound) when referencing Secrets Manager: Secret ${name} not found.`,
    );
  }
}

/** What Secrets Manager answered, as its text on the wire: times are seconds. */
function sourceResult({
  ARN,
  Name,
  VersionId,
  SecretString,
  VersionStages,
  CreatedDate,
}: Output<'secretsmanager', 'GetSecretValue'>) {
  const seconds = CreatedDate && CreatedDate.getTime() / 1000;
  return JSON.stringify({ ARN, Name, VersionId, SecretString, VersionStages, CreatedDate: seconds });
}
