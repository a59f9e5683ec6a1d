import type { EvaluationResult, PolicySourceType, ResourceSpecificResult, Statement } from '@aws-sdk/client-iam';
import type { Outcome } from '../../policy/model.ts';
import type { Simulated, SimulatedMatch } from './domain/simulation.ts';
import { statementPositions } from './domain/statement-positions.ts';

/** What the wire says, whatever the model's enum says. */
const SOURCE_TYPES: Readonly<Record<SimulatedMatch['type'], string>> = {
  identity: 'IAM Policy',
  resource: 'Resource Policy',
};

/** An explicit deny weighs more than none to allow it, and that more than to be allowed. */
const RESTRICTION: Readonly<Record<Outcome, number>> = { allowed: 0, implicitDeny: 1, explicitDeny: 2 };

/**
 * The answer for one action: what holds for its resources together, and for each of them where ARNs were given.
 * @param template the form of the ARNs of the action's resource type, or `*`
 */
export function evaluationResult(action: string, template: string, results: readonly Simulated[]): EvaluationResult {
  const named = results.filter(({ resource }) => resource !== '*');
  const outcome = mostRestrictive(results.map((one) => one.outcome));
  const matched = results.filter((one) => one.outcome === outcome).flatMap((one) => one.matched);
  const bounded = results.flatMap(({ allowedByBoundary }) =>
    allowedByBoundary === undefined ? [] : [allowedByBoundary],
  );
  const details = results.flatMap((one) => one.details ?? []);
  return {
    EvalActionName: action,
    EvalResourceName: template,
    EvalDecision: outcome,
    MatchedStatements: statementsOf(matched),
    MissingContextValues: [...new Set(results.flatMap(({ missing }) => missing))],
    ...(bounded.length > 0 && {
      PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: bounded.every(Boolean) },
    }),
    ...((named.length > 0 || details.length > 0) && { EvalDecisionDetails: decisionDetails(details) }),
    ...(named.length > 0 && { ResourceSpecificResults: named.map(resourceResult) }),
  };
}

function resourceResult(one: Simulated): ResourceSpecificResult {
  return {
    EvalResourceName: one.resource,
    EvalResourceDecision: one.outcome,
    MatchedStatements: statementsOf(one.matched),
    MissingContextValues: [...one.missing],
    ...(one.details && { EvalDecisionDetails: decisionDetails([one.details]) }),
    ...(one.allowedByBoundary !== undefined && {
      PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: one.allowedByBoundary },
    }),
  };
}

/** Empty within one account. */
function decisionDetails(details: readonly NonNullable<Simulated['details']>[]): Record<string, Outcome> {
  if (details.length === 0) return {};
  return {
    [SOURCE_TYPES.identity]: mostRestrictive(details.map(({ identity }) => identity)),
    [SOURCE_TYPES.resource]: mostRestrictive(details.map(({ resource }) => resource)),
  };
}

function mostRestrictive(outcomes: readonly Outcome[]): Outcome {
  return outcomes.reduce((worst, one) => (RESTRICTION[one] > RESTRICTION[worst] ? one : worst), 'allowed');
}

/** Each statement once, though several resources may match it. */
function statementsOf(matched: readonly SimulatedMatch[]): Statement[] {
  const once = matched.filter(
    ({ source, index }, position) =>
      matched.findIndex((other) => other.source === source && other.index === index) === position,
  );
  return once.map(statementView);
}

function statementView({ source, type, index }: SimulatedMatch): Statement {
  const position = statementPositions(source.text)[index];
  return {
    SourcePolicyId: source.sourceId,
    SourcePolicyType: SOURCE_TYPES[type] as PolicySourceType,
    ...(position && {
      StartPosition: { Line: position.start.line, Column: position.start.column },
      EndPosition: { Line: position.end.line, Column: position.end.column },
    }),
  };
}
