import { openTestService, type FakeCalls } from '../../api/testing.ts';
import { seededIds } from '../../kernel/ids.ts';
import { SealedBox } from '../../kernel/sealed-box.ts';
import { ssm } from './index.ts';
import type { SessionsPort } from './index.ts';

const NO_SESSIONS: SessionsPort = { resume: () => undefined, terminate: () => false };

/** Systems Manager alone, with what other services would say: EC2 has no images unless told so. */
export function openParameterStore(calls: FakeCalls = {}, sessions = NO_SESSIONS) {
  const box = new SealedBox(Buffer.alloc(32, 3), 'ssm-secure-strings', seededIds(7));
  return openTestService(
    'ssm',
    ssm,
    { box, sessions },
    { calls: { 'ec2:DescribeImages': () => ({ Images: [] }), ...calls } },
  );
}
