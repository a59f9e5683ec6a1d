import type { Scope } from '../../../kernel/arn.ts';
import type { ReadTx, Stored } from '../../../store/store.ts';
import { referencedArn } from '../arns.ts';
import { sortLabels, withLabels } from '../domain/labels.ts';
import { oneToTen } from '../domain/limits.ts';
import { parseName } from '../domain/parameter-name.ts';
import { noSuchVersion } from '../errors.ts';
import { requireParameter, versionOf } from '../lookup.ts';
import { operation } from '../operation.ts';
import { parameters, type ParameterRow } from '../tables.ts';

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_LabelParameterVersion.html */
export const LabelParameterVersion = operation('LabelParameterVersion', {
  resources: (input, scope) => [referencedArn(scope, input.Name)],
  handle: async (ctx, input) => {
    const name = parseName(input.Name ?? '');
    const { valid, invalid } = sortLabels(oneToTen('labels', input.Labels ?? []));
    const version = await ctx.write(async (tx) => {
      const { row, version } = await labelled(tx, ctx, name, input.ParameterVersion);
      if (valid.length > 0) await tx.put(parameters, { ...row, labels: withLabels(row.labels, version, valid) });
      return version;
    });
    return { InvalidLabels: invalid, ParameterVersion: version };
  },
});

export const UnlabelParameterVersion = operation('UnlabelParameterVersion', {
  resources: (input, scope) => [referencedArn(scope, input.Name)],
  handle: async (ctx, input) => {
    const name = parseName(input.Name ?? '');
    const asked = oneToTen('labels', input.Labels ?? []);
    return ctx.write(async (tx) => {
      const { row, version } = await labelled(tx, ctx, name, input.ParameterVersion);
      const removed = asked.filter((label) => row.labels[label] === version);
      const labels = Object.fromEntries(Object.entries(row.labels).filter(([label]) => !removed.includes(label)));
      await tx.put(parameters, { ...row, labels });
      return { RemovedLabels: removed, InvalidLabels: asked.filter((label) => !removed.includes(label)) };
    });
  },
});

/** The version that a call is about: the newest, unless it says. @throws ParameterNotFound, ParameterVersionNotFound */
async function labelled(
  tx: ReadTx,
  scope: Scope,
  name: string,
  asked: number | undefined,
): Promise<{ readonly row: Stored<ParameterRow>; readonly version: number }> {
  const row = await requireParameter(tx, scope, { name });
  const version = await versionOf(tx, row, asked ?? row.current.version);
  if (!version) throw noSuchVersion(row.name, asked ?? '');
  return { row, version: version.version };
}
