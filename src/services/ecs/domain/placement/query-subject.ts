import { invalidExpression } from './query-errors.ts';
import type { Comparison, QueryOperator } from './query-expression.ts';

/** What the cluster query language can ask of a container instance. */
export interface QueriedInstance {
  /** Absent on an external instance. */
  readonly ec2InstanceId?: string | undefined;
  readonly agentConnected: boolean;
  /** Such as 1.14.5. */
  readonly agentVersion?: string | undefined;
  readonly registeredAtMs: number;
  /** Values by name; '' for an attribute without a value. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly runningTasksCount: number;
  /** The groups of its tasks. */
  taskGroups(): Iterable<string>;
}

/** The values that a subject has on an instance: none where it does not exist, several task groups. */
export type Reader = (instance: QueriedInstance) => Iterable<string>;
/** Below, at or above zero, as for sorting; NaN where the two cannot be compared. */
export type Order = (value: string, argument: string) => number;

export interface Subject {
  readonly read: Reader;
  readonly order: Order;
}

interface SubjectKind extends Subject {
  readonly operators: readonly QueryOperator[];
  /** What an argument must be like. */
  readonly isValid?: (argument: string) => boolean;
}

const EXISTENCE: readonly QueryOperator[] = ['exists', '!exists'];
const TEXT: readonly QueryOperator[] = ['==', '!=', 'in', '!in', '=~', '!~'];
const AMOUNT: readonly QueryOperator[] = ['==', '!=', '>', '>=', '<', '<='];
const VERSION = /^v?\d+(?:\.\d+)*$/;
const DATE = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:Z|[+-]\d{2}:\d{2})?)?$/;
const COUNT = /^\d+$/;

const some = (value: string | undefined) => (value === undefined ? [] : [value]);
const byText: Order = (value, argument) => (value < argument ? -1 : value > argument ? 1 : 0);
const byNumber: Order = (value, argument) => Number(value) - Number(argument);
/** A custom attribute may hold a number: 9 is less than 10. */
const byAmount: Order = (value, argument) =>
  value.trim() !== '' && argument.trim() !== '' && !Number.isNaN(byNumber(value, argument))
    ? byNumber(value, argument)
    : byText(value, argument);

const SUBJECTS: Readonly<Record<string, SubjectKind>> = {
  agentConnected: { read: (one) => [String(one.agentConnected)], order: byText, operators: TEXT },
  agentVersion: {
    read: (one) => some(one.agentVersion),
    order: byVersion,
    operators: AMOUNT,
    isValid: (argument) => VERSION.test(argument),
  },
  ec2InstanceId: { read: (one) => some(one.ec2InstanceId), order: byText, operators: [...TEXT, ...EXISTENCE] },
  registeredAt: {
    read: (one) => [String(one.registeredAtMs)],
    order: (value, argument) => Number(value) - dateOf(argument),
    operators: AMOUNT,
    isValid: (argument) => DATE.test(argument) && !Number.isNaN(dateOf(argument)),
  },
  runningTasksCount: {
    read: (one) => [String(one.runningTasksCount)],
    order: byNumber,
    operators: AMOUNT,
    isValid: (argument) => COUNT.test(argument),
  },
  'task:group': { read: (one) => one.taskGroups(), order: byText, operators: [...TEXT, ...EXISTENCE] },
};

/**
 * The subject that a comparison is about, checked against its operators and the form of its arguments.
 * @throws InvalidParameterException
 */
export function subjectOf({ subject, operator, values }: Comparison, expression: string): Subject {
  if (subject.startsWith('attribute:')) return attribute(subject.slice('attribute:'.length), expression);
  const kind = Object.hasOwn(SUBJECTS, subject) ? SUBJECTS[subject] : undefined;
  if (!kind) throw invalidExpression(expression, `'${subject}' is not a valid subject`);
  if (!kind.operators.includes(operator)) {
    throw invalidExpression(expression, `the operator '${operator}' is not valid for '${subject}'`);
  }
  const odd = values.find((value) => kind.isValid?.(value) === false);
  if (odd !== undefined) throw invalidExpression(expression, `'${odd}' is not a valid value for '${subject}'`);
  return kind;
}

function attribute(name: string, expression: string): Subject {
  if (!/^[\w./\\-]{1,128}$/.test(name)) throw invalidExpression(expression, `'${name}' is not a valid attribute name`);
  return { read: (one) => some(one.attributes.get(name)), order: byAmount };
}

function byVersion(value: string, argument: string): number {
  const [left, right] = [value, argument].map((one) => one.replace(/^v/, '').split('.').map(Number));
  for (let place = 0; place < Math.max(left?.length ?? 0, right?.length ?? 0); place++) {
    const difference = (left?.[place] ?? 0) - (right?.[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Without a zone it is UTC. */
function dateOf(text: string): number {
  return Date.parse(/T\d{2}:\d{2}:\d{2}$/.test(text) ? `${text}Z` : text);
}
