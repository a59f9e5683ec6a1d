import * as fc from 'fast-check';

/** A policy document as plain JSON. */
export interface PolicyJson {
  readonly Version: string;
  readonly Statement: readonly StatementJson[];
}

export type StatementJson = Readonly<Record<string, unknown>> & {
  readonly Effect: 'Allow' | 'Deny';
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
};

/** One request with all the policies that decide it. */
export interface Case {
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly resourceAccount: string;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
  readonly identity: readonly PolicyJson[];
  readonly resourcePolicy?: PolicyJson;
  readonly boundary?: PolicyJson;
  readonly session?: PolicyJson;
}

export const ACCOUNT = '111122223333';
export const OTHER_ACCOUNT = '444455556666';

export const USER = `arn:aws:iam::${ACCOUNT}:user/alice`;
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/web`;
export const ROLE_SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/web/task-1`;
export const FEDERATED_USER = `arn:aws:sts::${ACCOUNT}:federated-user/alice`;
export const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
export const SERVICE = 'ecs-tasks.amazonaws.com';

/** Actions with a resource of theirs; `*` for those that take none. */
const TARGETS: readonly (readonly [action: string, resource: string])[] = [
  ['ecs:RunTask', 'arn:aws:ecs:us-east-1:ACCOUNT:task-definition/web:3'],
  ['ecs:StopTask', 'arn:aws:ecs:us-east-1:ACCOUNT:task/main/0123456789abcdef'],
  ['ecs:UpdateService', 'arn:aws:ecs:eu-west-1:ACCOUNT:service/main/web'],
  ['ecs:DescribeClusters', 'arn:aws:ecs:us-east-1:ACCOUNT:cluster/alice'],
  ['ecs:ListClusters', '*'],
  ['ecr:PutImage', 'arn:aws:ecr:us-east-1:ACCOUNT:repository/team/web'],
  ['ecr:GetAuthorizationToken', '*'],
  ['s3:GetObject', 'arn:aws:s3:::reports/2026/alice/q1.csv'],
  ['s3:ListBucket', 'arn:aws:s3:::reports'],
  ['sqs:SendMessage', 'arn:aws:sqs:us-east-1:ACCOUNT:alice'],
  ['iam:PassRole', 'arn:aws:iam::ACCOUNT:role/apps/web'],
  ['iam:CreateUser', 'arn:aws:iam::ACCOUNT:user/alice'],
  ['logs:PutLogEvents', 'arn:aws:logs:us-east-1:ACCOUNT:log-group:/ecs/web:log-stream:a/b'],
  ['secretsmanager:GetSecretValue', 'arn:aws:secretsmanager:us-east-1:ACCOUNT:secret:db-AbCdEf'],
  ['sts:AssumeRole', 'arn:aws:iam::ACCOUNT:role/apps/web'],
  ['ec2:StartInstances', 'arn:aws:ec2:us-east-1:ACCOUNT:instance/i-0123456789abcdef0'],
];

/** What a request may say for a key, and what a policy may want of it. */
interface Key {
  readonly name: string;
  readonly values: readonly string[];
  /** Besides the values. */
  readonly wanted?: readonly string[];
  readonly operators: readonly string[];
  readonly multivalued?: true;
}

const STRINGS = [
  'StringEquals',
  'StringNotEquals',
  'StringEqualsIgnoreCase',
  'StringNotEqualsIgnoreCase',
  'StringLike',
  'StringNotLike',
];
const ARNS = ['ArnEquals', 'ArnLike', 'ArnNotEquals', 'ArnNotLike'];
const ORDERED = ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'];
const NUMERIC = ORDERED.map((name) => `Numeric${name}`);
const DATE = ORDERED.map((name) => `Date${name}`);
const TEXT_WANTED = ['a*', '*e', 'al?ce', '*', '${aws:username}', "${aws:PrincipalTag/team, 'red'}", '${*}', 'bob${?}'];

const KEYS: readonly Key[] = [
  { name: 'aws:username', values: ['alice', 'bob', 'Alice', 'a*e'], wanted: TEXT_WANTED, operators: STRINGS },
  { name: 'aws:PrincipalTag/team', values: ['red', 'blue', 'alice', ''], wanted: TEXT_WANTED, operators: STRINGS },
  { name: 'aws:RequestTag/env', values: ['prod', 'dev', 'RED', '*'], wanted: TEXT_WANTED, operators: STRINGS },
  { name: 'aws:RequestedRegion', values: ['us-east-1', 'eu-west-1'], wanted: ['us-*', '*-1'], operators: STRINGS },
  {
    name: 'aws:SourceArn',
    values: ['arn:aws:ecs:us-east-1:111122223333:task/main/abc', 'arn:aws:s3:::reports', 'reports'],
    wanted: [
      'arn:aws:ecs:*:*:task/*',
      'arn:aws:*:us-east-?:111122223333:*',
      'arn:aws:s3:::${aws:PrincipalTag/team}*',
      'arn:aws:ecs:*:task/main/abc',
      'arn:aws:s3:::r?ports',
    ],
    operators: [...ARNS, 'StringLike', 'StringNotEquals'],
  },
  {
    name: 'aws:MultiFactorAuthAge',
    values: ['5', '10', '10.0', '-3', '1e1', 'many'],
    wanted: ['7.5', '0010'],
    operators: NUMERIC,
  },
  {
    name: 'aws:CurrentTime',
    values: ['2026-05-01T12:00:00Z', '2026-05-01T14:00:00+02:00', '2026-05-02', '1777636800', 'noon'],
    wanted: ['2026-05', '2026-05-01T12:00Z', '2026-05-01T12:00:00.500Z'],
    operators: DATE,
  },
  { name: 'aws:SecureTransport', values: ['true', 'false', 'True', 'yes'], operators: ['Bool'] },
  {
    name: 'aws:SourceIp',
    values: ['203.0.113.7', '203.0.114.7', '2001:db8::7', '2001:0db8:0:0::7', '10.0.0.1', 'AWS Internal'],
    wanted: ['203.0.113.0/24', '203.0.112.0/22', '2001:db8::/32', '::/0', '0.0.0.0/0', '10.0.0.0/8', '203.0.113.7/32'],
    operators: ['IpAddress', 'NotIpAddress'],
  },
  { name: 'aws:UserAgent', values: ['YWJj', 'YWJjZA=='], operators: ['BinaryEquals'] },
  {
    name: 'aws:TagKeys',
    values: ['env', 'team', 'owner', ''],
    wanted: ['e*', 'Team', '${aws:username}'],
    operators: STRINGS,
    multivalued: true,
  },
  {
    name: 'aws:CalledVia',
    values: ['ecs.amazonaws.com', 'cloudformation.amazonaws.com'],
    wanted: ['*.amazonaws.com'],
    operators: STRINGS,
    multivalued: true,
  },
];

const listOrOne = (arbitrary: fc.Arbitrary<string>, most = 3): fc.Arbitrary<string | string[]> =>
  fc.oneof(arbitrary, fc.array(arbitrary, { minLength: 1, maxLength: most }));

const context: fc.Arbitrary<Case['context']> = fc
  .tuple(
    ...KEYS.map(({ name, values, multivalued }) => {
      const value = multivalued ? fc.subarray([...values], { minLength: 1 }) : fc.constantFrom(...values);
      return fc.option(
        value.map((one): [string, string | string[]] => [name, one]),
        { nil: undefined, freq: 3 },
      );
    }),
  )
  .map((entries) => Object.fromEntries(entries.filter((entry) => entry !== undefined)));

const conditionOn = ({ name, values, wanted = [], operators, multivalued }: Key) => {
  const set = multivalued
    ? fc.constantFrom('ForAnyValue:', 'ForAllValues:', 'ForAnyValue:', 'ForAllValues:', '')
    : fc.constantFrom('', '', '', '', '', '', 'ForAnyValue:', 'ForAllValues:');
  const value = listOrOne(fc.constantFrom(...values, ...wanted));
  const compared = fc
    .tuple(set, fc.constantFrom(...operators), fc.constantFrom('', '', 'IfExists'), value)
    .map(([qualifier, operator, ifExists, text]) => ({ [`${qualifier}${operator}${ifExists}`]: { [name]: text } }));
  const isNull = listOrOne(fc.constantFrom('true', 'false'), 2).map((text) => ({ Null: { [name]: text } }));
  return fc.oneof({ weight: 8, arbitrary: compared }, { weight: 1, arbitrary: isNull });
};

const condition = fc.constantFrom(...KEYS).chain(conditionOn);

const conditions = fc.oneof(
  { weight: 5, arbitrary: fc.constant(undefined) },
  { weight: 3, arbitrary: condition },
  { weight: 2, arbitrary: fc.tuple(condition, condition).map(([one, other]) => ({ ...one, ...other })) },
);

function actionPatterns(action: string): fc.Arbitrary<string> {
  const [service = '', name = ''] = action.split(':');
  const near = [
    action,
    action,
    `${service}:*`,
    `${service}:${name.slice(0, 3)}*`,
    `${service}:*${name.slice(-4)}`,
    `${service}:?${name.slice(1)}`,
    `${service}:${name.toUpperCase()}`,
    '*',
  ];
  return fc.constantFrom(...near, `${service}:Delete*`, 's3:PutObject', 'ecs:List*', 'ecs:Describe*');
}

function resourcePatterns(resource: string): fc.Arbitrary<string> {
  if (resource === '*') return fc.constantFrom('*', '*', '*', 'arn:aws:ecs:*', `arn:aws:ecs:us-east-1:${ACCOUNT}:*`);
  const [, , service = '', region = '', account = '', ...rest] = resource.split(':');
  const id = rest.join(':');
  const head = `arn:aws:${service}:${region}:${account}:`;
  const fixed = [
    resource,
    resource,
    '*',
    `arn:aws:${service}:*:*:${id}`,
    `arn:aws:${service}:*`,
    `${head}*`,
    `arn:aws:${service}:${region.replace(/^[a-z]/, '?')}:${account}:${id}`,
    `arn:aws:${service}:${region.slice(0, 2)}*:*:${id}`,
    `arn:aws:${service}:*:${id}`,
    `arn:*:${service}:${region}:${account}:${id}`,
    head + id.replace('alice', '${aws:username}'),
    head + id.replace('web', "${aws:PrincipalTag/team, 'web'}"),
    head + id.replace(/[a-z0-9]+$/, '${aws:PrincipalTag/team}'),
    `${head}${id}$`,
    `arn:aws:${service}:${region}:${OTHER_ACCOUNT}:${id}`,
    `${head}other/*`,
    'arn:aws:s3:::reports*',
  ];
  const cut = fc.tuple(fc.nat({ max: id.length }), fc.nat({ max: id.length })).chain(([one, other]) => {
    const from = Math.min(one, other);
    const to = Math.max(one, other);
    return fc.constantFrom(
      `${head}${id.slice(0, from)}*`,
      `${head}${id.slice(0, from)}*${id.slice(to)}`,
      `${head}${id.slice(0, from)}?${id.slice(from + 1)}`,
      `${head}*${id.slice(from, to)}*`,
    );
  });
  return fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...fixed) }, { weight: 2, arbitrary: cut });
}

const effect = fc.constantFrom('Allow' as const, 'Allow' as const, 'Allow' as const, 'Deny' as const);
const negated = fc.constantFrom('', '', '', '', '', 'Not');
const version = fc.constantFrom('2012-10-17', '2012-10-17', '2012-10-17', '2012-10-17', '2008-10-17');

function statement(action: string, resource: string): fc.Arbitrary<StatementJson> {
  return fc
    .tuple(
      effect,
      negated,
      listOrOne(actionPatterns(action)),
      negated,
      listOrOne(resourcePatterns(resource)),
      conditions,
    )
    .map(([Effect, notAction, actions, notResource, resources, Condition]) => ({
      Effect,
      [`${notAction}Action`]: actions,
      [`${notResource}Resource`]: resources,
      ...(Condition && { Condition }),
    }));
}

const NAMED: readonly (readonly [type: string, name: string])[] = [
  ['AWS', '*'],
  ['AWS', USER],
  ['AWS', USER],
  ['AWS', ROLE],
  ['AWS', ROLE],
  ['AWS', ROLE_SESSION],
  ['AWS', ROLE_SESSION],
  ['AWS', FEDERATED_USER],
  ['AWS', ROOT],
  ['AWS', ACCOUNT],
  ['AWS', OTHER_ACCOUNT],
  ['AWS', `arn:aws:iam::${OTHER_ACCOUNT}:user/alice`],
  ['AWS', `arn:aws:sts::${ACCOUNT}:assumed-role/web/task-2`],
  ['Service', SERVICE],
  ['Service', 'ec2.amazonaws.com'],
];

const principals = fc.oneof(
  { weight: 1, arbitrary: fc.constant('*' as const) },
  {
    weight: 6,
    arbitrary: fc.array(fc.constantFrom(...NAMED), { minLength: 1, maxLength: 3 }).map((names) =>
      Object.fromEntries(
        ['AWS', 'Service'].flatMap((type) => {
          const ofType = names.filter(([one]) => one === type).map(([, name]) => name);
          return ofType.length === 0 ? [] : [[type, ofType.length === 1 ? ofType[0] : ofType]];
        }),
      ),
    ),
  },
);

function policyOf(statements: fc.Arbitrary<StatementJson>, most = 3): fc.Arbitrary<PolicyJson> {
  return fc
    .tuple(version, fc.array(statements, { minLength: 1, maxLength: most }))
    .map(([Version, Statement]) => ({ Version, Statement }));
}

/** A trust policy has no resource. */
function resourcePolicy(action: string, resource: string): fc.Arbitrary<PolicyJson> {
  const isTrust = action === 'sts:AssumeRole';
  const one = fc.tuple(statement(action, resource), negated, principals).map(([base, not, Principal]) => {
    const elements = Object.entries(base).filter(([name]) => !isTrust || !name.endsWith('Resource'));
    const Effect = base.Effect;
    const element = not && (isTrust || Effect === 'Allow') ? 'Principal' : `${not}Principal`;
    return { ...Object.fromEntries(elements), Effect, [element]: Principal };
  });
  return policyOf(one);
}

const PRINCIPALS = [USER, ROLE_SESSION, FEDERATED_USER, SERVICE, ROOT].flatMap((one, index) =>
  Array.from({ length: [12, 12, 6, 3, 1][index] ?? 1 }, () => one),
);

/** Requests and policies about them, some of which match. */
export const cases: fc.Arbitrary<Case> = fc
  .tuple(
    fc.constantFrom(...PRINCIPALS),
    fc.constantFrom(...TARGETS),
    fc.constantFrom(ACCOUNT, ACCOUNT, OTHER_ACCOUNT),
    context,
  )
  .chain(([principal, [action, template], resourceAccount, values]) => {
    const resource = template.replace('ACCOUNT', resourceAccount);
    const policy = policyOf(statement(action, resource));
    const isSession = principal === ROLE_SESSION || principal === FEDERATED_USER;
    const hasOwn = principal !== SERVICE && principal !== ROOT;
    const onResource = resourcePolicy(action, resource);
    const maybe = (arbitrary: fc.Arbitrary<PolicyJson>, when: boolean) =>
      when ? fc.option(arbitrary, { nil: undefined, freq: 2 }) : fc.constant(undefined);
    return fc
      .tuple(
        fc.array(policy, { maxLength: hasOwn ? 3 : 0 }),
        action === 'sts:AssumeRole' ? onResource : maybe(onResource, true),
        maybe(policy, hasOwn),
        maybe(policy, isSession),
      )
      .map(([identity, onIt, boundary, session]) => ({
        principal,
        action,
        resource,
        resourceAccount,
        context: values,
        identity,
        ...(onIt && { resourcePolicy: onIt }),
        ...(boundary && { boundary }),
        ...(session && { session }),
      }));
  });
