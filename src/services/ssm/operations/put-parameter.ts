import type { Input } from '../../../api/clients.ts';
import type { Context } from '../../../api/context.ts';
import type { WriteTx } from '../../../store/store.ts';
import { parameterArn, referencedArn } from '../arns.ts';
import { labelsOf } from '../domain/labels.ts';
import { checkNewName } from '../domain/parameter-name.ts';
import { writtenVersion, type WrittenVersion } from '../domain/written-value.ts';
import { alreadyExists, invalid, tooManyVersions } from '../errors.ts';
import { operation, type SsmPorts } from '../operation.ts';
import {
  parameterKey,
  parameters,
  pastVersions,
  versionKey,
  versionPrefix,
  type ParameterRow,
  type ParameterVersion,
} from '../tables.ts';
import { tagsFrom } from '../tags.ts';

/** The newest among them. */
const MAX_VERSIONS = 100;

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html; no policies. */
export const PutParameter = operation('PutParameter', {
  resources: (input, scope) => [referencedArn(scope, input.Name)],
  conditions: (input) => ({ 'ssm:overwrite': String(input.Overwrite ?? false) }),
  also: (input, scope) =>
    input.Tags?.length ? [{ action: 'ssm:AddTagsToResource', resources: [referencedArn(scope, input.Name)] }] : [],
  handle: async (ctx, input) => {
    const name = checkNewName(input.Name ?? '', (candidate) => parameterArn(ctx, candidate));
    if (input.Overwrite && input.Tags?.length) {
      throw invalid(
        "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
      );
    }
    const { version, tier } = await ctx.write((tx) => put(tx, ctx, name, input));
    return { Version: version, Tier: tier };
  },
});

async function put(
  tx: WriteTx,
  ctx: Context<SsmPorts>,
  name: string,
  input: Input<'ssm', 'PutParameter'>,
): Promise<ParameterVersion> {
  const before = await tx.get(parameters, parameterKey(ctx, name));
  if (before && !input.Overwrite) throw alreadyExists();
  const current = sealed(ctx, writtenVersion(input, before?.current), (before?.current.version ?? 0) + 1);
  if (before) {
    await dropOldest(tx, before);
    await tx.put(pastVersions, { ...before.current, account: ctx.account, region: ctx.region, name: before.name });
    await tx.put(parameters, { ...before, current });
  } else {
    const { account, region } = ctx;
    await tx.put(parameters, { account, region, name, current, labels: {}, tags: tagsFrom(input.Tags) });
  }
  return current;
}

function sealed(ctx: Context<SsmPorts>, { text, ...rest }: WrittenVersion, version: number): ParameterVersion {
  return {
    ...rest,
    version,
    value: rest.type === 'SecureString' ? { sealed: ctx.ports.box.seal(text) } : { plain: text },
    modifiedAtMs: ctx.now,
    modifiedBy: ctx.principal.arn,
  };
}

/** Makes room for one more version, unless the oldest bears a label. */
async function dropOldest(tx: WriteTx, row: ParameterRow): Promise<void> {
  const past = await tx.list(pastVersions, { prefix: versionPrefix(row, row.name) });
  const [oldest] = past;
  if (!oldest || past.length < MAX_VERSIONS - 1) return;
  if (labelsOf(row, oldest.version).length > 0) throw tooManyVersions(row.name, oldest.version);
  await tx.delete(pastVersions, versionKey(row, row.name, oldest.version));
}
