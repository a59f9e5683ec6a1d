import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../kernel/log.ts';
import { matchesPayload } from './payload-matching.ts';

const looksInside = (text: string) => text.includes('@ih');

test('a kernel matches payloads, or takes all rules but those', async () => {
  assert.equal(await matchesPayload(silentLog, async () => true), true);
  assert.equal(await matchesPayload(silentLog, async (text) => !looksInside(text)), false);
});

test('an nft that takes no rule at all says nothing of the kernel: it is asked again', async () => {
  await assert.rejects(
    matchesPayload(silentLog, async () => false),
    { kind: 'temporary' },
  );
});
