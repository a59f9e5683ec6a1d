import type { APIErrorType, BatchGetSecretValueRequest, SecretValueEntry } from '@aws-sdk/client-secrets-manager';
import { ServiceError } from '../../../kernel/errors.ts';
import { constraint, invalidParameter } from '../errors.ts';
import { operation } from '../operation.ts';
import type { SecretsContext } from '../operation.ts';
import { listSecrets } from '../secret-list.ts';

const MOST_SECRETS = 20;

interface Outcome {
  readonly value?: SecretValueEntry;
  readonly error?: APIErrorType;
}

/**
 * Reads each secret in the caller's name: what they may not read stands among the errors.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html
 */
export const BatchGetSecretValue = operation('BatchGetSecretValue', {
  readOnly: true,
  resources: () => ['*'],
  also: ({ Filters: filters }) => (filters ? [{ action: 'secretsmanager:ListSecrets', resources: ['*'] }] : []),
  handle: async (ctx, input) => {
    checkRequest(input);
    const { ids, nextToken } = await wantedIds(ctx, input);
    const outcomes = await Promise.all(ids.map((id) => tryRead(ctx, id)));
    return {
      SecretValues: outcomes.flatMap(({ value }) => (value ? [value] : [])),
      ...(nextToken !== undefined && { NextToken: nextToken }),
      Errors: outcomes.flatMap(({ error }) => (error ? [error] : [])),
    };
  },
});

/** @throws ServiceError InvalidParameterException, ValidationException */
function checkRequest(input: BatchGetSecretValueRequest): void {
  const { SecretIdList: ids, Filters: filters, MaxResults: limit, NextToken: token } = input;
  if ((ids === undefined) === (filters === undefined)) {
    throw invalidParameter("Either 'SecretIdList' or 'Filters' must be provided, but not both.");
  }
  if (ids === undefined) return;
  if (limit !== undefined || token !== undefined) {
    throw invalidParameter("You can't use MaxResults or NextToken without Filters.");
  }
  if (ids.length < 1) throw constraint('secretIdList', 'have length greater than or equal to 1');
  if (ids.length > MOST_SECRETS) throw constraint('secretIdList', `have length less than or equal to ${MOST_SECRETS}`);
}

async function wantedIds(
  ctx: SecretsContext,
  input: BatchGetSecretValueRequest,
): Promise<{ readonly ids: readonly string[]; readonly nextToken?: string }> {
  if (input.SecretIdList) return { ids: input.SecretIdList };
  const { items, nextToken } = await ctx.read((tx) => listSecrets(tx, ctx, input, MOST_SECRETS));
  return { ids: items.map(({ arn }) => arn), ...(nextToken !== undefined && { nextToken }) };
}

async function tryRead(ctx: SecretsContext, id: string): Promise<Outcome> {
  try {
    return { value: await ctx.callAsCaller('secretsmanager', 'GetSecretValue', { SecretId: id }) };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return { error: { SecretId: id, ErrorCode: error.code, Message: error.message } };
  }
}
