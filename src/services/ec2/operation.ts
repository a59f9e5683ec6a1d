import type { Context } from '../../api/context.ts';
import type { Input, OperationName } from '../../api/clients.ts';
import { type Definition, type Operation, operationsOf } from '../../api/operation.ts';
import { dryRunOperation, unsupportedParameter } from './errors.ts';
import type { Ec2Ports } from './ports.ts';

export type Ec2Context = Context<Ec2Ports>;

interface Ec2Operation<O extends OperationName<'ec2'>> extends Definition<'ec2', O, Ec2Ports> {
  /** Members that are refused by name when they are given: what they ask for is not built. */
  readonly unsupported?: readonly (keyof Input<'ec2', O> & string)[];
}

const define = operationsOf<'ec2', Ec2Ports>();

/** An EC2 operation: answers DryRun and refuses unsupported members before the handler sees the call. */
export function operation<O extends OperationName<'ec2'>>(
  name: O,
  { unsupported = [], ...definition }: Ec2Operation<O>,
): Operation<'ec2', O, Ec2Ports> {
  return define(name, {
    ...definition,
    handle: async (ctx, input) => {
      const members = input as Readonly<Record<string, unknown>>;
      const refused = unsupported.find((member) => isGiven(members[member]));
      if (refused !== undefined) throw unsupportedParameter(refused);
      if (members['DryRun'] === true) throw dryRunOperation();
      return definition.handle(ctx, input);
    },
  });
}

/** False, zero and empty lists ask for nothing. */
function isGiven(value: unknown): boolean {
  if (value === undefined || value === false || value === 0) return false;
  return !(Array.isArray(value) && value.length === 0);
}
