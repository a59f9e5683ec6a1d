import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { compilePolicy } from './compile.ts';
import { checkPolicy } from './document.ts';
import { decide } from './evaluate.ts';
import { explainDecision, refusal } from './explain.ts';
import type { AuthorizationRequest } from './model.ts';
import { type Case, cases, FEDERATED_USER } from './testing-cases.ts';
import { requestOf } from './testing-oracle.ts';
import { ALLOW_ALL, applied, DENY_ALL } from './testing.ts';

const RUNS = { numRuns: 1000 };

function holds(of: (request: AuthorizationRequest, one: Case) => void): void {
  fc.assert(
    fc.property(cases, (one) => of(requestOf(one), one)),
    RUNS,
  );
}

const allowed = (request: AuthorizationRequest) => decide(request).allowed;
const without = (request: AuthorizationRequest, name: 'session' | 'boundary' | 'resourcePolicy') => {
  const { [name]: _, ...rest } = request;
  return rest;
};

test('session policies only take away', () => {
  holds((request) => {
    if (request.principal.kind === 'federated-user') return;
    if (allowed(request)) assert.ok(allowed(without(request, 'session')));
  });
});

test('a session policy that allows everything takes nothing away', () => {
  holds((request) => {
    const open = { ...without(request, 'session'), session: [applied('session', ALLOW_ALL)] };
    if (request.principal.kind !== 'federated-user') assert.equal(allowed(open), allowed(without(request, 'session')));
  });
});

test('each of several session policies may allow it, and each may deny it', () => {
  fc.assert(
    fc.property(cases, cases, (one, other) => {
      const request = requestOf(one);
      const more = requestOf(other).session;
      if (!request.session || !more) return;
      const both = decide({ ...request, session: [...request.session, ...more] });
      const each = [decide(request), decide({ ...request, session: more })];
      if (each.some(({ outcome }) => outcome === 'explicitDeny')) assert.equal(both.outcome, 'explicitDeny');
      else
        assert.equal(
          both.allowed,
          each.some((decision) => decision.allowed),
        );
    }),
    RUNS,
  );
});

test('a boundary only takes away, unless a Deny with NotPrincipal is about those who have one', () => {
  holds((request) => {
    if (allowed(request)) assert.ok(allowed(without(request, 'boundary')));
  });
});

test('a federated user without session policies has what resource policies give it', () => {
  holds((request, one) => {
    if (one.principal !== FEDERATED_USER || request.session || !request.resourcePolicy) return;
    if (allowed(request)) assert.ok(request.resourceAccount === request.principal.account);
  });
});

test('an explicit deny is stronger than everything', () => {
  holds((request) => {
    const denied = { ...request, identity: [...request.identity, applied('inline', DENY_ALL)] };
    assert.equal(decide(denied).outcome, 'explicitDeny');
  });
});

test('another Allow takes nothing away, and the order of policies does not matter', () => {
  holds((request) => {
    const { outcome } = decide(request);
    const more = decide({ ...request, identity: [...request.identity, applied('inline', ALLOW_ALL)] });
    if (outcome === 'allowed') assert.equal(more.outcome, 'allowed');
    assert.equal(decide({ ...request, identity: request.identity.toReversed() }).outcome, outcome);
  });
});

test('a decision can be explained', () => {
  holds((request) => {
    const decision = decide(request);
    const message = explainDecision(request, decision);
    assert.equal(message.allowed, decision.allowed);
    assert.match(refusal(request, decision), /^User: \S+ is not authorized to perform: \S+/);
  });
});

test('no text breaks the check, and what it accepts is compiled and decided', () => {
  const key = fc.constantFrom(
    'Version',
    'Statement',
    'Effect',
    'Action',
    'NotAction',
    'Resource',
    'Principal',
    'Condition',
  );
  const leaf = fc.oneof(
    fc.constantFrom(
      '2012-10-17',
      'Allow',
      '*',
      'sts:AssumeRole',
      'ecs:*',
      'arn:aws:s3:::${a',
      'arn:aws:s3:::${}',
      1,
      null,
    ),
    fc.string(),
  );
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('json'), { maxLength: 3 }),
      fc.dictionary(key, tie('json'), { maxKeys: 5 }),
    ),
  }));
  const clause = fc.tuple(fc.constantFrom('StringLike', 'Bool', 'IpAddress', 'DateLessThan', 'Null'), leaf);
  const likely = fc.tuple(leaf, leaf, clause).map(([Action, Resource, [operator, value]]) => ({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action, Resource, Condition: { [operator]: { 'aws:a': value } } },
  }));
  const text = fc.oneof(
    fc.string(),
    fc.oneof(json, likely).map((one) => JSON.stringify(one)),
  );
  const property = fc.property(
    text,
    fc.constantFrom('identity' as const, 'trust' as const, 'resource' as const),
    cases,
    (policy, kind, one) => {
      if (checkPolicy(policy, kind) !== undefined) return;
      const request = {
        ...requestOf(one),
        identity: [{ ...applied('inline', ALLOW_ALL), policy: compilePolicy(policy) }],
      };
      decide(request);
    },
  );
  fc.assert(property, RUNS);
});
