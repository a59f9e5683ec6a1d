import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openParameterStore } from './testing.ts';

const ANSWER = { tokenValue: 'another', streamUrl: 'ws://longshore/1' };

test('a session is resumed and terminated by who opened it', async () => {
  const asked: string[] = [];
  const ssm = openParameterStore(
    {},
    {
      resume: (id, owner) => (asked.push(`resume ${id} ${owner}`), id === 'mine' ? ANSWER : undefined),
      terminate: (id, owner) => (asked.push(`terminate ${id} ${owner}`), id === 'mine'),
    },
  );
  assert.deepEqual(await ssm.call('ResumeSession', { SessionId: 'mine' }), {
    SessionId: 'mine',
    TokenValue: 'another',
    StreamUrl: 'ws://longshore/1',
  });
  assert.deepEqual(await ssm.call('TerminateSession', { SessionId: 'mine' }), { SessionId: 'mine' });
  assert.deepEqual(asked, [
    'resume mine arn:aws:iam::123456789012:root',
    'terminate mine arn:aws:iam::123456789012:root',
  ]);
  const gone = { code: 'DoesNotExistException', message: 'Session gone does not exist.' };
  await assert.rejects(ssm.call('ResumeSession', { SessionId: 'gone' }), gone);
  await assert.rejects(ssm.call('TerminateSession', { SessionId: 'gone' }), gone);
  await ssm.close();
});
