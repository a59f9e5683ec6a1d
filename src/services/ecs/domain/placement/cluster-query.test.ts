import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../../../../kernel/errors.ts';
import { compileQuery } from './cluster-query.ts';
import type { QueriedInstance } from './query-subject.ts';

const ATTRIBUTES = {
  'ecs.instance-type': 'g2.2xlarge',
  'ecs.availability-zone': 'us-east-1a',
  stack: '',
  'team/name': 'Payments and more',
  slots: '9',
};
const INSTANCE: QueriedInstance = {
  ec2InstanceId: 'i-abcd1234',
  agentConnected: true,
  agentVersion: '1.14.10',
  registeredAtMs: Date.parse('2018-02-12T22:28:28Z'),
  attributes: new Map(Object.entries(ATTRIBUTES)),
  runningTasksCount: 2,
  taskGroups: () => ['service:production', 'family:job'],
};

/** The examples of the developer guide are among them. */
const HOLDS: readonly (readonly [expression: string, holds: boolean])[] = [
  ['attribute:ecs.instance-type == t2.small', false],
  ['attribute:ecs.instance-type equals g2.2xlarge', true],
  ['attribute:ecs.availability-zone in [us-east-1a, us-east-1b]', true],
  ['attribute:ecs.availability-zone not_in [us-east-1a,us-east-1b]', false],
  ['attribute:ecs.availability-zone !in [us-east-1c]', true],
  ['attribute:ecs.instance-type =~ g2.* and attribute:ecs.availability-zone != us-east-1d', true],
  ['task:group == service:production', true],
  ['task:group != service:production', false],
  ['task:group in [service:a, family:job]', true],
  ['task:group =~ family:.*', true],
  ['not(task:group == database)', true],
  ['!(task:group == service:production)', false],
  ['runningTasksCount == 2', true],
  ['runningTasksCount greater_than 2', false],
  ['runningTasksCount>=2', true],
  ['agentVersion < 1.14.5', false],
  ['agentVersion > 1.14.5', true],
  ['agentVersion == 1.14.10.0', true],
  ['registeredAt < 2018-02-13', true],
  ['registeredAt >= 2018-02-12T22:28:28', true],
  ['registeredAt > 2018-02-12T23:28:28+01:00', false],
  ["ec2InstanceId in ['i-abcd1234', 'i-wxyx7890']", true],
  ['ec2InstanceId !~ i-a.*', false],
  ['agentConnected==true', true],
  ['agentConnected == "false"', false],
  ['attribute:stack exists', true],
  ['attribute:stack !exists', false],
  ['attribute:rack not_exists', true],
  ['attribute:rack == a', false],
  ['attribute:rack != a', true],
  ['attribute:rack < 5', false],
  ["attribute:team/name == 'Payments and more'", true],
  ['attribute:slots < 10', true],
  ['attribute:slots == 9.0', false],
  ['attribute:ecs.instance-type matches g2', false],
  ['attribute:ecs.instance-type =~ [gt]2.*', true],
  ['attribute:ecs.instance-type =~ t2.*|g2.*', true],
  ["attribute:ecs.instance-type =~ '(t3|g2)\\..*'", true],
  ["attribute:ecs.instance-type =~ '(?i)G2.*'", true],
  ["attribute:ecs.instance-type =~ '\\Qg2.\\E\\p{Digit}x[\\p{Lower}-]+'", true],
  ['agentConnected == false or runningTasksCount == 2 and attribute:stack exists', true],
  ['(agentConnected == false or runningTasksCount == 2) and attribute:rack exists', false],
  ['agentConnected == false || runningTasksCount == 2 && not attribute:rack exists', true],
  ['not not agentConnected == true', true],
];

test('expressions select as the developer guide says', () => {
  for (const [expression, holds] of HOLDS) assert.equal(compileQuery(expression)(INSTANCE), holds, expression);
});

const REFUSED: readonly (readonly [expression: string, message: RegExp])[] = [
  ['', /a subject was expected at position 1, but found the end/],
  ['attribute:x ==', /a value was expected/],
  ['attribute:x', /an operator was expected/],
  ['attribute:x = 1', /an operator was expected at position 13, but found '= 1'/],
  ['attribute: == 1', /'' is not a valid attribute name/],
  ['memory == 1', /'memory' is not a valid subject/],
  ['constructor == 1', /'constructor' is not a valid subject/],
  ['agentVersion in [1.2.3]', /the operator 'in' is not valid for 'agentVersion'/],
  ['agentConnected > false', /the operator '>' is not valid/],
  ['agentVersion < latest', /'latest' is not a valid value for 'agentVersion'/],
  ['registeredAt < 2018-13-45', /not a valid value for 'registeredAt'/],
  ['runningTasksCount == many', /not a valid value/],
  ['attribute:x in a, b', /'\[' was expected/],
  ['attribute:x in [a b]', /'\]' was expected/],
  ['attribute:x in []', /a value was expected/],
  ['(attribute:x exists', /'\)' was expected/],
  ['attribute:x exists attribute:y exists', /'and', 'or' or the end/],
  ["attribute:x =~ '('", /not a valid regular expression/],
  ["attribute:x =~ '(a+)+b'", /repeats what itself repeats/],
  ["attribute:x =~ '(a|a)*b'", /repeats what itself repeats/],
  ["attribute:x =~ '(a)\\1'", /repeats what itself repeats/],
  ["attribute:x =~ '.*.*.*.*.*b'", /repeats what itself repeats/],
  [`${'('.repeat(200)}agentConnected == true${')'.repeat(200)}`, /fewer nested parentheses/],
  [`attribute:x == ${'a'.repeat(2000)}`, /maximum length of 2000 characters/],
];

test('what is no expression is refused, and the place is named', () => {
  for (const [expression, message] of REFUSED) {
    assert.throws(
      () => compileQuery(expression),
      (error) =>
        error instanceof ServiceError && error.code === 'InvalidParameterException' && message.test(error.message),
      expression.slice(0, 80),
    );
  }
});

test('alternatives of a pattern do not add up to one that costs too much', () => {
  const types = ['t2.*', 't3.*', 'm5.*', 'c5.*', 'r5.*', 'g2.*'].join('|');
  assert.equal(compileQuery(`attribute:ecs.instance-type =~ ${types}`)(INSTANCE), true);
});
