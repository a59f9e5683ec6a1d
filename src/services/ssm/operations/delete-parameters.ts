import type { Scope } from '../../../kernel/arn.ts';
import type { WriteTx } from '../../../store/store.ts';
import { referencedArn } from '../arns.ts';
import { oneToTen } from '../domain/limits.ts';
import { parseName } from '../domain/parameter-name.ts';
import { noSuchParameter } from '../errors.ts';
import { operation } from '../operation.ts';
import { parameterKey, parameters, pastVersions, versionKey, versionPrefix } from '../tables.ts';

export const DeleteParameter = operation('DeleteParameter', {
  resources: (input, scope) => [referencedArn(scope, input.Name)],
  handle: async (ctx, input) => {
    const name = parseName(input.Name ?? '');
    if (!(await ctx.write((tx) => remove(tx, ctx, name)))) throw noSuchParameter();
    return {};
  },
});

export const DeleteParameters = operation('DeleteParameters', {
  resources: (input, scope) => (input.Names ?? []).map((name) => referencedArn(scope, name)),
  handle: async (ctx, input) => {
    const names = oneToTen('names', input.Names ?? []);
    return ctx.write(async (tx) => {
      const deleted: string[] = [];
      for (const name of names) if (await remove(tx, ctx, name.trim())) deleted.push(name);
      return { DeletedParameters: deleted, InvalidParameters: names.filter((name) => !deleted.includes(name)) };
    });
  },
});

/** With all its versions. False: it was not there. */
async function remove(tx: WriteTx, scope: Scope, name: string): Promise<boolean> {
  const row = await tx.get(parameters, parameterKey(scope, name));
  if (!row) return false;
  for (const { version } of await tx.list(pastVersions, { prefix: versionPrefix(row, row.name) })) {
    await tx.delete(pastVersions, versionKey(row, row.name, version));
  }
  await tx.delete(parameters, parameterKey(row, row.name));
  return true;
}
