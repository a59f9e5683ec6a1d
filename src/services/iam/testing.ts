import { openTestService, TEST_SCOPE, type TestService } from '../../api/testing.ts';
import type { Principal } from '../../identity/principal.ts';
import { seededIds } from '../../kernel/ids.ts';
import { SealedBox } from '../../kernel/sealed-box.ts';
import { iam } from './index.ts';

export const TEST_BOX = new SealedBox(Buffer.alloc(32, 1), 'iam-access-keys', seededIds(2));
export const ROOT_KEY = 'AKIAROOTROOTROOTROOT';

/** IAM over a store in memory; calls are root's where no principal is said. */
export function openTestIam(): TestService<'iam'> {
  return openTestService('iam', iam, { box: TEST_BOX, rootAccessKeyId: ROOT_KEY });
}

/** The caller that a user's own key makes. */
export function userPrincipal(name: string, id: string): Principal {
  const { account } = TEST_SCOPE;
  return { kind: 'user', account, arn: `arn:aws:iam::${account}:user/${name}`, userId: id, userName: name };
}

/** What `assert.rejects` compares: the code on the SDK's side, and the words. */
export function refusal(code: string, message: string): { code: string; message: string } {
  return { code, message };
}
