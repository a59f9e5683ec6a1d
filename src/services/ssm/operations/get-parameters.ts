import type { Parameter } from '@aws-sdk/client-ssm';
import type { Context } from '../../../api/context.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import { paginate } from '../../../kernel/pages.ts';
import { parameterArn, referencedArn } from '../arns.ts';
import { checkPath, isUnder, parameterFilter } from '../domain/filters.ts';
import { oneToTen, pageSize } from '../domain/limits.ts';
import { parseReference, secretIn, type ParameterReference } from '../domain/parameter-name.ts';
import { badToken } from '../errors.ts';
import { requireVersion } from '../lookup.ts';
import { operation, type SsmPorts } from '../operation.ts';
import { isPublic, listPublic, readPublic } from '../public-parameters.ts';
import { readSecret } from '../secret-reference.ts';
import { parameterKey, parameters } from '../tables.ts';
import { parameterView } from '../views.ts';

const MAX_BY_PATH = 10;

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html */
export const GetParameter = operation('GetParameter', {
  readOnly: true,
  resources: (input, scope) => [referencedArn(scope, input.Name)],
  handle: async (ctx, input) => ({
    Parameter: await read(ctx, parseReference(input.Name ?? ''), input.WithDecryption),
  }),
});

/** What is not there is named among InvalidParameters. */
export const GetParameters = operation('GetParameters', {
  readOnly: true,
  resources: (input, scope) => (input.Names ?? []).map((name) => referencedArn(scope, name)),
  handle: async (ctx, input) => {
    const names = [...new Set(oneToTen('names', input.Names ?? []))];
    const references = names.map((name) => ({ name, reference: parseReference(name) }));
    const found: Parameter[] = [];
    const invalidNames: string[] = [];
    for (const { name, reference } of references) {
      const parameter = await readIfThere(ctx, reference, input.WithDecryption);
      if (parameter) found.push(parameter);
      else invalidNames.push(name);
    }
    return { Parameters: found, InvalidParameters: invalidNames };
  },
});

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html */
export const GetParametersByPath = operation('GetParametersByPath', {
  readOnly: true,
  resources: (input, scope) => [parameterArn(scope, input.Path ?? '')],
  conditions: (input) => ({ 'ssm:recursive': String(input.Recursive ?? false) }),
  handle: async (ctx, input) => {
    const { Path: path = '', Recursive: recursive = false } = input;
    checkPath(path);
    const limit = pageSize(input.MaxResults, MAX_BY_PATH);
    const wanted = parameterFilter(input.ParameterFilters, 'GetParametersByPath');
    if (isPublic(`${path}/`)) return publicPage(ctx, path, recursive, { limit, token: input.NextToken });
    const rows = await ctx.read((tx) => tx.list(parameters, { prefix: parameterKey(ctx, path) }));
    const page = paginate(
      rows.filter((row) => isUnder(row.name, path, recursive) && wanted(row)),
      (row) => parameterKey(row, row.name),
      { limit, token: input.NextToken, onBadToken: badToken },
    );
    const views = page.items.map((row) =>
      parameterView({ row, version: row.current }, ctx.ports.box, input.WithDecryption),
    );
    return { Parameters: views, ...(page.nextToken !== undefined && { NextToken: page.nextToken }) };
  },
});

async function publicPage(
  ctx: Context<SsmPorts>,
  path: string,
  recursive: boolean,
  { limit, token }: { readonly limit: number; readonly token: string | undefined },
) {
  const all = await listPublic(ctx);
  const page = paginate(
    all.filter((one) => isUnder(one.Name ?? '', path, recursive)),
    (one) => one.Name ?? '',
    { limit, token, onBadToken: badToken },
  );
  return { Parameters: [...page.items], ...(page.nextToken !== undefined && { NextToken: page.nextToken }) };
}

async function read(
  ctx: Context<SsmPorts>,
  reference: ParameterReference,
  decrypted: boolean | undefined,
): Promise<Parameter> {
  const secret = secretIn(reference);
  if (secret !== undefined) return readSecret(ctx, secret, reference, decrypted);
  if (isPublic(reference.name)) return readPublic(ctx, reference.name);
  const found = await ctx.read((tx) => requireVersion(tx, ctx, reference));
  return parameterView(found, ctx.ports.box, decrypted);
}

async function readIfThere(
  ctx: Context<SsmPorts>,
  reference: ParameterReference,
  decrypted: boolean | undefined,
): Promise<Parameter | undefined> {
  try {
    return await read(ctx, reference, decrypted);
  } catch (error) {
    const isMissing = error instanceof ServiceError && /^Parameter(?:Version)?NotFound$/.test(error.code);
    if (isMissing) return undefined;
    throw error;
  }
}
