import type { Context } from '../../api/context.ts';
import type { Input, OperationName } from '../../api/clients.ts';
import {
  type ConditionValues,
  type Definition,
  type Operation,
  operationsOf,
  type Permission,
} from '../../api/operation.ts';
import type { Scope } from '../../kernel/arn.ts';
import { arnsOf, type ResourceKind } from './domain/resource-kind.ts';
import { isReserved } from './domain/tags.ts';
import { dryRunOperation, unsupportedParameter } from './errors.ts';
import type { Ec2Ports } from './ports.ts';
import { callKeys, commonKeys, differing } from './resource-keys.ts';

export type Ec2Context = Context<Ec2Ports>;

interface Ec2Operation<O extends OperationName<'ec2'>> extends Omit<
  Definition<'ec2', O, Ec2Ports>,
  'conditions' | 'also'
> {
  /** Members that are refused by name when they are given: what they ask for is not built. */
  readonly unsupported?: readonly (keyof Input<'ec2', O> & string)[];
  /** What it makes, which TagSpecifications may tag: that needs ec2:CreateTags on it. Of several, on those that get tags. */
  readonly creates?: ResourceKind | readonly ResourceKind[];
  /** Condition keys of what is asked for, besides those of what it touches. */
  readonly keys?: (input: Input<'ec2', O>, scope: Scope) => ConditionValues;
  /** What DryRun tries besides: permissions that only the handler knows of. Throws as the handler does. */
  readonly tries?: (ctx: Ec2Context, input: Input<'ec2', O>) => Promise<unknown>;
}

const define = operationsOf<'ec2', Ec2Ports>();

/**
 * An EC2 operation: knows its condition keys by what it touches, answers DryRun, and refuses unsupported members before
 * the handler sees the call.
 */
export function operation<O extends OperationName<'ec2'>>(
  name: O,
  { unsupported = [], creates, keys, tries, ...definition }: Ec2Operation<O>,
): Operation<'ec2', O, Ec2Ports> {
  const { resources } = definition;
  return define(name, {
    ...definition,
    ...(definition.permissions === undefined && {
      conditions: async (input, scope, tx) => ({
        ...callKeys(scope),
        ...keys?.(input, scope),
        ...(await commonKeys(tx, await resources(input, scope, tx))),
      }),
      also: async (input, scope, tx) => [
        ...(await differing(tx, scope, `ec2:${name}`, await resources(input, scope, tx))),
        ...(creates ? tagOnCreate(creates, name, input as Tagging, scope) : []),
      ],
    }),
    handle: async (ctx, input) => {
      const members = input as Readonly<Record<string, unknown>>;
      const refused = unsupported.find((member) => isGiven(members[member]));
      if (refused !== undefined) throw unsupportedParameter(refused);
      if (members['DryRun'] === true) {
        await tries?.(ctx, input);
        throw dryRunOperation();
      }
      return definition.handle(ctx, input);
    },
  });
}

interface Tagging {
  readonly TagSpecifications?:
    | readonly {
        readonly ResourceType?: string | undefined;
        readonly Tags?: readonly { readonly Key?: string | undefined }[] | undefined;
      }[]
    | undefined;
}

/**
 * AWS's own tags (`aws:...`) are no matter of permissions: only services may set them at all.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
 */
function tagOnCreate(
  kinds: ResourceKind | readonly ResourceKind[],
  createAction: string,
  input: Tagging,
  scope: Scope,
): readonly Permission[] {
  const { TagSpecifications: specifications = [] } = input;
  const tagging = specifications.filter((one) => one.Tags?.some((tag) => !isReserved(tag.Key ?? '')));
  if (tagging.length === 0) return [];
  const types = new Set(tagging.map((one) => one.ResourceType));
  const made = 'type' in kinds ? [kinds] : kinds.filter((kind) => types.has(kind.type));
  if (made.length === 0) return [];
  return [
    {
      action: 'ec2:CreateTags',
      resources: made.flatMap((kind) => arnsOf(kind, scope, [undefined])),
      conditions: { ...callKeys(scope), 'ec2:createaction': createAction },
    },
  ];
}

/** False, zero and empty lists ask for nothing. */
function isGiven(value: unknown): boolean {
  if (value === undefined || value === false || value === 0) return false;
  return !(Array.isArray(value) && value.length === 0);
}
