import { openTestService, type FakeCalls, type TestService } from '../../../api/testing.ts';
import { seededIds } from '../../../kernel/ids.ts';
import { SealedBox } from '../../../kernel/sealed-box.ts';
import { iam } from '../index.ts';

/** IAM over a store in memory, for tests of roles and what belongs to them. */
export function openTestRoles(calls: FakeCalls = {}): TestService<'iam'> {
  const box = new SealedBox(Buffer.alloc(32, 7), 'iam-access-keys', seededIds(1));
  return openTestService('iam', iam, { box, rootAccessKeyId: 'AKIAROOTROOTROOTROOT' }, { calls });
}

/** Lets principals assume a role: `trusting({ Service: 'ecs-tasks.amazonaws.com' })`. */
export function trusting(principal: Readonly<Record<string, string | readonly string[]>>): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' }],
  });
}

export const TASKS_TRUST = trusting({ Service: 'ecs-tasks.amazonaws.com' });
