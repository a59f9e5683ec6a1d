import { runUnsafeSimulation } from '@cloud-copilot/iam-simulate';
import { compilePolicy } from '../src/policy/compile.ts';
import { decide } from '../src/policy/evaluate.ts';
import type { AuthorizationRequest } from '../src/policy/model.ts';
import { alternate } from './measure.ts';
import { printTable } from './report.ts';

const ROUNDS = { warmUps: 2, rounds: 9 };
const FOR_MS = 150;
const POLICIES = 10;
export const ACCOUNT = '123456789012';
const USER = `arn:aws:iam::${ACCOUNT}:user/alice`;

/** Actions and resources of one service: each makes a statement of every policy. */
const SERVICES: readonly (readonly [service: string, actions: readonly string[], resource: string])[] = [
  ['ecs', ['RunTask', 'StopTask', 'Describe*'], 'arn:aws:ecs:*:123456789012:*/team-N/*'],
  ['ecr', ['BatchGetImage', 'GetDownloadUrlForLayer'], 'arn:aws:ecr:us-east-1:123456789012:repository/team-N/*'],
  ['s3', ['GetObject', 'PutObject'], 'arn:aws:s3:::bucket-N/${aws:username}/*'],
  ['logs', ['CreateLogStream', 'PutLogEvents'], 'arn:aws:logs:*:*:log-group:/team-N/*'],
  ['sqs', ['SendMessage', 'ReceiveMessage'], 'arn:aws:sqs:*:123456789012:team-N-*'],
  ['iam', ['PassRole', 'GetRole'], 'arn:aws:iam::123456789012:role/team-N/*'],
  ['ec2', ['StartInstances', 'StopInstances'], 'arn:aws:ec2:*:*:instance/*'],
  ['sns', ['Publish'], 'arn:aws:sns:*:123456789012:team-N'],
  ['lambda', ['InvokeFunction'], 'arn:aws:lambda:*:123456789012:function:team-N-*'],
  ['secretsmanager', ['GetSecretValue'], 'arn:aws:secretsmanager:*:123456789012:secret:team-N/*'],
];

const CONDITIONS = [
  { StringEquals: { 'aws:RequestedRegion': ['us-east-1', 'eu-west-1'] } },
  { IpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '203.0.113.0/24'] }, Bool: { 'aws:SecureTransport': 'true' } },
];

const CONTEXT: Readonly<Record<string, string>> = {
  'aws:username': 'alice',
  'aws:requestedregion': 'us-east-1',
  'aws:sourceip': '203.0.113.7',
  'aws:securetransport': 'true',
};

const REQUESTS = {
  'allowed by one policy': ['ecr:BatchGetImage', `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/team-7/web`],
  'allowed, with a variable': ['s3:GetObject', 'arn:aws:s3:::bucket-7/alice/q1.csv'],
  'denied by one statement': ['iam:PassRole', `arn:aws:iam::${ACCOUNT}:role/team-3/admin`],
  'allowed by none': ['ecs:CreateCluster', `arn:aws:ecs:us-east-1:${ACCOUNT}:cluster/main`],
} as const;

/** Ten documents of twenty statements. */
export function manyPolicies() {
  return Array.from({ length: POLICIES }, (_, index) => policyOf(index));
}

/** Decisions a second for a user with ten policies of twenty statements, against iam-simulate without its checks. */
export async function policy(): Promise<void> {
  const policies = manyPolicies();
  const texts = policies.map((one) => JSON.stringify(one));
  for (const [what, [action, resource]] of Object.entries(REQUESTS)) {
    const simulation = simulationOf(policies, action, resource);
    let fresh = 0;
    const samples = await alternate(ROUNDS, {
      ours: async () => perSecond(() => decide(requestOf(texts, action, resource))),
      // A text that was not seen before is compiled.
      first: async () =>
        perSecond(() =>
          decide(
            requestOf(
              texts.map((text) => `${text}${' '.repeat(++fresh % 5000)}`),
              action,
              resource,
            ),
          ),
        ),
      theirs: async () => perSecond(() => runUnsafeSimulation(simulation, {})),
    });
    printTable(what, 'decisions a second', [
      { what: 'policies compiled before', samples: samples.ours, against: samples.theirs },
      { what: 'policies never seen', samples: samples.first, against: samples.theirs },
      { what: 'iam-simulate', samples: samples.theirs },
    ]);
  }
}

function perSecond(work: () => unknown): number {
  const beganAt = performance.now();
  let count = 0;
  do {
    for (let index = 0; index < 5; index++) work();
    count += 5;
  } while (performance.now() < beganAt + FOR_MS);
  return count / ((performance.now() - beganAt) / 1000);
}

/** Twenty statements: two for each service, the second with conditions, and a deny among them. */
function policyOf(index: number) {
  const of = (text: string) => text.replace('N', String(index));
  const Statement = SERVICES.flatMap(([service, actions, resource], place) => [
    { Effect: 'Allow', Action: actions.map((action) => `${service}:${action}`), Resource: of(resource) },
    service === 'iam'
      ? { Effect: 'Deny', Action: 'iam:PassRole', Resource: of(`arn:aws:iam::${ACCOUNT}:role/team-N/admin`) }
      : { Effect: 'Allow', Action: `${service}:List*`, Resource: '*', Condition: CONDITIONS[place % 2] },
  ]);
  return { Version: '2012-10-17', Statement };
}

function requestOf(texts: readonly string[], action: string, resource: string): AuthorizationRequest {
  return {
    principal: { kind: 'user', account: ACCOUNT, arn: USER, userId: 'AIDAEXAMPLEALICE0000' },
    action,
    resource,
    resourceAccount: ACCOUNT,
    context: { get: (key) => CONTEXT[key] },
    identity: texts.map((text, index) => ({ kind: 'managed', id: `policy-${index}`, policy: compilePolicy(text) })),
  };
}

function simulationOf(policies: readonly object[], action: string, resource: string) {
  return {
    request: { principal: USER, action, resource: { resource, accountId: ACCOUNT }, contextVariables: { ...CONTEXT } },
    identityPolicies: policies.map((one, index) => ({ name: `policy-${index}`, policy: one })),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  };
}
