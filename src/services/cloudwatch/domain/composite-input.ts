import type { PutCompositeAlarmInput } from '@aws-sdk/client-cloudwatch';
import { parseArn, type Scope } from '../../../kernel/arn.ts';
import { constraint, invalid, notSupported } from '../errors.ts';
import type { CompositeAlarmRow } from '../tables.ts';
import { checkAlarmName } from './alarm-input.ts';
import {
  alarmsOfRule,
  elementsOf,
  MOST_CHILDREN,
  MOST_ELEMENTS,
  parseAlarmRule,
  RuleSyntaxError,
} from './alarm-rule.ts';
import type { AlarmRule } from './alarm-rule.ts';

const LONGEST_RULE = 10_240;
const UNSUPPORTED = [
  'ActionsSuppressor',
  'ActionsSuppressorWaitPeriod',
  'ActionsSuppressorExtensionPeriod',
] as const satisfies readonly (keyof PutCompositeAlarmInput)[];

type Configuration = Pick<CompositeAlarmRow, 'name' | 'description' | 'actionsEnabled' | 'rule' | 'children'>;

/**
 * In AWS a composite alarm tells SNS topics, Lambda functions and Systems Manager, and does not scale: nothing of that is
 * here, so it has no actions, and nothing to suppress. It is for deployments of ECS, and for other composite alarms.
 */
export function compositeFrom(input: PutCompositeAlarmInput, scope: Scope): Configuration {
  const refused = UNSUPPORTED.find((name) => input[name] !== undefined);
  if (refused) throw notSupported(refused);
  const actions = [input.AlarmActions, input.OKActions, input.InsufficientDataActions].flatMap((list) => list ?? []);
  if (actions[0] !== undefined) throw notSupported(`The alarm action ${actions[0]} of a composite alarm`);
  const { AlarmDescription, AlarmRule: rule = '' } = input;
  if (AlarmDescription !== undefined && AlarmDescription.length > 1024) {
    throw constraint(AlarmDescription, 'alarmDescription', 'have length less than or equal to 1024');
  }
  const parsed = ruleFrom(rule);
  const children = [...new Set(alarmsOfRule(parsed).map((alarm) => childName(alarm, scope)))];
  if (children.length > MOST_CHILDREN) {
    throw invalid(`The alarm rule must not name more than ${MOST_CHILDREN} alarms, and names ${children.length}.`);
  }
  return {
    name: checkAlarmName(input.AlarmName),
    ...(AlarmDescription !== undefined && { description: AlarmDescription }),
    actionsEnabled: input.ActionsEnabled ?? true,
    rule,
    children,
  };
}

function ruleFrom(text: string): AlarmRule {
  if (text.length < 1 || text.length > LONGEST_RULE) {
    throw constraint(text.slice(0, 100), 'alarmRule', `have length between 1 and ${LONGEST_RULE}`);
  }
  try {
    const rule = parseAlarmRule(text);
    if (elementsOf(rule) > MOST_ELEMENTS) {
      throw invalid(`The alarm rule must not have more than ${MOST_ELEMENTS} elements.`);
    }
    return rule;
  } catch (error) {
    if (error instanceof RuleSyntaxError) throw invalid(`The alarm rule cannot be read: ${error.message}.`);
    throw error;
  }
}

/** The name of an alarm that a rule names, or gives the ARN of. */
export function childName(alarm: string, scope: Scope): string {
  const arn = alarm.startsWith('arn:') ? parseArn(alarm) : undefined;
  const name = /^alarm:(.+)$/s.exec(arn?.resource ?? '')?.[1];
  if (arn?.service !== 'cloudwatch' || name === undefined) return alarm;
  if (arn.region !== scope.region || arn.account !== scope.account) {
    throw notSupported(`An alarm of another region or account (${alarm}) in an alarm rule`);
  }
  return name;
}
