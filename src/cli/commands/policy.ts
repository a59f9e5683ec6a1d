import { Command, InvalidArgumentError } from 'commander';
import type { ContextEntry, EvaluationResult, IAMClient } from '@aws-sdk/client-iam';
import { CliError } from '../cli-error.ts';
import { policyDocuments } from '../policy-documents.ts';
import { withServer } from '../server-session.ts';
import { collect, homeOption } from './options.ts';

const EXAMPLES = `
Examples:
  longshore policy explain arn:aws:iam::123456789012:user/ci ecr:PutImage arn:aws:ecr:us-east-1:123456789012:repository/web
  longshore policy explain arn:aws:iam::123456789012:role/app ecs:RunTask '*' --context ecs:cluster=arn:aws:ecs:us-east-1:123456789012:cluster/blue

The answer is what the server's own evaluator decides, of identity-based policies and permissions boundaries. Exit code
0 where it is allowed, 1 where it is not.`;

interface ExplainOptions {
  readonly home?: string;
  readonly context?: readonly ContextValue[];
}

type ContextValue = readonly [key: string, value: string];

export function policyCommand(): Command {
  const explain = new Command('explain')
    .description('May a user, group or role do this, and which statement says so?')
    .argument('<principal>', 'ARN of the user, group or role')
    .argument('<action>', 'e.g. ecs:RunTask')
    .argument('[resource]', 'ARN of what it is done to', '*')
    .option('--context <key=value>', 'a condition key of the request; may be given often', contextValue)
    .addOption(homeOption())
    .addHelpText('after', EXAMPLES)
    .action((principal: string, action: string, resource: string, options: ExplainOptions) =>
      withServer(options, async ({ clients: { iam } }) => {
        const text = await explainDecision(iam, { principal, action, resource, context: options.context ?? [] });
        process.stdout.write(`${text}\n`);
        if (!text.startsWith('allowed')) process.exitCode = 1;
      }),
    );
  return new Command('policy').description('IAM policies: who may do what.').addCommand(explain);
}

interface Question {
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly context: readonly ContextValue[];
}

async function explainDecision(iam: IAMClient, question: Question): Promise<string> {
  const { SimulatePrincipalPolicyCommand } = await import('@aws-sdk/client-iam');
  const { EvaluationResults = [] } = await iam.send(
    new SimulatePrincipalPolicyCommand({
      PolicySourceArn: question.principal,
      ActionNames: [question.action],
      ResourceArns: [question.resource],
      ContextEntries: contextEntries(question.context),
    }),
  );
  const [result] = EvaluationResults;
  if (!result) throw new CliError('the server answered no decision');
  return formatResult(iam, result);
}

function contextValue(text: string, before?: readonly ContextValue[]): readonly ContextValue[] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('It takes KEY=VALUE.');
  return collect<ContextValue>([text.slice(0, equals), text.slice(equals + 1)], before);
}

/** A key that is given twice has both values. */
export function contextEntries(values: readonly ContextValue[]): ContextEntry[] {
  return [...Map.groupBy(values, ([key]) => key.toLowerCase()).values()].map((some) => ({
    ContextKeyName: some[0]?.[0],
    ContextKeyType: some.length > 1 ? ('stringList' as const) : ('string' as const),
    ContextKeyValues: some.map(([, value]) => value),
  }));
}

const WORDS: Readonly<Record<string, string>> = {
  allowed: 'allowed',
  explicitDeny: 'denied explicitly',
  implicitDeny: 'denied: nothing allows it',
};

/** The decision, and under it each statement that made it, as it stands in its policy. */
async function formatResult(iam: IAMClient, result: EvaluationResult): Promise<string> {
  const lines = [WORDS[result.EvalDecision ?? ''] ?? String(result.EvalDecision)];
  if (result.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary === false) {
    lines.push('  the permissions boundary does not allow it');
  }
  const documents = await policyDocuments(iam);
  for (const { SourcePolicyId, SourcePolicyType, StartPosition, EndPosition } of result.MatchedStatements ?? []) {
    lines.push(`  by ${SourcePolicyId} (${SourcePolicyType})`);
    const document = documents.get(SourcePolicyId ?? '');
    const statement = document && cut(document, StartPosition, EndPosition);
    if (statement) lines.push(...indented(statement));
  }
  for (const key of result.MissingContextValues ?? [])
    lines.push(`  a condition asks for ${key}: give it with --context`);
  return lines.join('\n');
}

/** Four spaces in, however deep it stands in its document. What stands before it on its first line is cut off already. */
export function indented(text: string): string[] {
  const [first = '', ...rest] = text.split('\n').filter((line) => line.trim() !== '');
  const depth = Math.min(...rest.map((line) => line.length - line.trimStart().length));
  return [first.trimStart(), ...rest.map((line) => line.slice(depth))].map((line) => `    ${line}`);
}

type Position = { readonly Line?: number | undefined; readonly Column?: number | undefined } | undefined;

/** From one position to the other; lines and columns count from 1. */
export function cut(text: string, from: Position, to: Position): string | undefined {
  if (!from?.Line || !to?.Line) return undefined;
  const lines = text.split('\n').slice(from.Line - 1, to.Line);
  const last = lines.length - 1;
  lines[last] = (lines[last] ?? '').slice(0, (to.Column ?? 1) - 1);
  lines[0] = (lines[0] ?? '').slice((from.Column ?? 1) - 1);
  return lines.join('\n');
}
