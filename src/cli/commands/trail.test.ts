import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '@aws-sdk/client-cloudtrail';
import { formatEvent } from './trail.ts';

function eventOf(record: object, change: Partial<Event> = {}): Event {
  return {
    EventTime: new Date('2026-01-31T12:00:00.000Z'),
    EventSource: 'ecs.amazonaws.com',
    EventName: 'RunTask',
    CloudTrailEvent: JSON.stringify(record),
    ...change,
  };
}

test('when, who, what, and what went wrong, on one line', () => {
  const anna = { type: 'IAMUser', arn: 'arn:aws:iam::123456789012:user/staff/anna' };
  assert.equal(formatEvent(eventOf({ userIdentity: anna })), '2026-01-31 12:00:00  user/staff/anna  ecs RunTask');
  const refused = { userIdentity: anna, errorCode: 'AccessDenied', errorMessage: 'User: anna is not authorized' };
  assert.equal(
    formatEvent(eventOf(refused)),
    '2026-01-31 12:00:00  user/staff/anna  ecs RunTask  AccessDenied: User: anna is not authorized',
  );
});

test('callers without an ARN go by what is known of them', () => {
  const whoOf = (userIdentity?: object) => formatEvent(eventOf({ userIdentity })).split('  ')[1];
  assert.equal(whoOf({ type: 'Root', arn: 'arn:aws:iam::123456789012:root' }), 'root');
  assert.equal(whoOf({ type: 'AWSService', invokedBy: 'ecs.amazonaws.com' }), 'ecs.amazonaws.com');
  assert.equal(whoOf({ type: 'Unknown', accessKeyId: 'AKIAIOSFODNN7EXAMPLE' }), 'Unknown');
  assert.equal(whoOf(), 'unknown');
});

test("EC2's encoded message is left out, and what a caller wrote cannot move the cursor or begin a line", () => {
  const errorMessage = 'You may not. Encoded authorization failure message: abc123';
  const ec2 = formatEvent(eventOf({ errorCode: 'Client.UnauthorizedOperation', errorMessage }));
  assert.match(ec2, /Client\.UnauthorizedOperation: You may not\.$/);
  const sly = eventOf({ errorCode: 'X', errorMessage: 'a\u001b[2Jb\nc\u009bd\u2028e' });
  assert.match(formatEvent(sly), /X: a\ufffd\[2Jb\ufffdc\ufffdd\ufffde$/);
});
