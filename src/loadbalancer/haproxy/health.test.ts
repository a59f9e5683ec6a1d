import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anyInitial, parseCheckResults, settleCommands, targetHealth } from './health.ts';
import { nextServerStates, parseServerStates } from './server-state.ts';

/** Servers of tg_web by their last number: 1 new, 2 new and passed, 3 new and failed, 4 healthy, 5 to 7 down, 8 draining. */
const STATES = parseServerStates(
  [
    '1',
    '# be_id be_name srv_id srv_name ...',
    ...[
      [1, 2, 8, 1],
      [2, 2, 8, 1],
      [3, 0, 8, 1],
      [4, 2, 0, 1],
      [5, 0, 0, 1],
      [6, 0, 0, 1],
      [7, 0, 0, 1],
      [8, 2, 0, 0],
    ].map(
      ([n, up, admin, weight]) =>
        `3 tg_web ${n} 10.0.0.${n}:80 10.0.0.${n} ${up} ${admin} ${weight} 1 4 15 3 3 6 0 0 0 - 80 - 0 0 - - 0`,
    ),
    '4 open_web 1 10.0.0.4:80 10.0.0.4 2 0 1 1 4 1 0 0 0 0 0 0 - 80 - 0 0 - - 0',
    '',
  ].join('\n'),
);
const CHECKS = parseCheckResults(
  [
    '# pxname,svname,status,check_status,check_code,',
    'tg_web,10.0.0.1:80,DRAIN,INI,,',
    'tg_web,10.0.0.2:80,DRAIN,* L7OK,200,',
    'tg_web,10.0.0.3:80,DOWN,L4CON,,',
    'tg_web,10.0.0.4:80,UP,L7OK,200,',
    'tg_web,10.0.0.5:80,DOWN,L7STS,404,',
    'tg_web,10.0.0.6:80,DOWN,L7TOUT,,',
    'tg_web,10.0.0.7:80,DOWN,L4CON,,',
    'tg_web,10.0.0.8:80,no check,,,',
    'open_web,10.0.0.4:80,no check,,,',
  ].join('\n'),
);

test('what HAProxy says becomes what DescribeTargetHealth says', () => {
  assert.deepEqual(
    targetHealth(STATES, CHECKS).map((it) => [it.ip, it.state, it.reason]),
    [
      ['10.0.0.1', 'initial', 'Elb.RegistrationInProgress'],
      ['10.0.0.2', 'initial', 'Elb.InitialHealthChecking'],
      ['10.0.0.3', 'unhealthy', 'Target.FailedHealthChecks'],
      ['10.0.0.4', 'healthy', undefined],
      ['10.0.0.5', 'unhealthy', 'Target.ResponseCodeMismatch'],
      ['10.0.0.6', 'unhealthy', 'Target.Timeout'],
      ['10.0.0.7', 'unhealthy', 'Target.FailedHealthChecks'],
      ['10.0.0.8', 'draining', 'Target.DeregistrationInProgress'],
    ],
  );
});

test('a new target is let in when its checks have decided', () => {
  assert.ok(anyInitial(STATES));
  assert.deepEqual(settleCommands(STATES, CHECKS), [
    'set server tg_web/10.0.0.2:80 state ready',
    'set server open_web/10.0.0.2:80 state ready',
    'set server tg_web/10.0.0.3:80 state ready',
    'set server open_web/10.0.0.3:80 state ready',
  ]);
});

test('a new process keeps what the old one knew, and starts new targets in drain', () => {
  const server = (name: string, kind: 'checked' | 'open' | 'draining') => ({
    backend: kind === 'open' ? 'open_web' : 'tg_web',
    name,
    ip: name.split(':')[0] ?? '',
    port: 80,
    kind,
    words: name,
  });
  const text = nextServerStates(
    [
      server('10.0.0.4:80', 'checked'),
      server('10.0.0.8:80', 'checked'),
      server('10.0.0.9:80', 'open'),
      server('10.0.0.5:80', 'draining'),
    ],
    STATES,
  );
  assert.deepEqual(
    parseServerStates(text).map((it) => [it.backend, it.name, it.up, it.forcedDrain]),
    [
      ['tg_web', '10.0.0.4:80', true, false],
      ['tg_web', '10.0.0.8:80', true, true],
      ['open_web', '10.0.0.9:80', true, false],
    ],
  );
});
