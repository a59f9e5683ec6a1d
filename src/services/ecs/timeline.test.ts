import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../kernel/log.ts';
import { findTask, taskStory, taskTimeline } from './index.ts';
import { taskTimelines } from './tables.ts';
import { RETENTION_MS, must, openTestSite, runTask } from './testing.ts';

test('notes are written together, bounded, beside the task’s states; they go with the task', async () => {
  const ecs = await openTestSite();
  const note = taskTimeline(ecs.store, ecs.clock, silentLog);
  const arn = await runTask(ecs);
  for (let i = 0; i < 250; i++) note(arn, { atMs: ecs.clock.now() + i, text: `note ${i}` });
  note('arn:gone', { atMs: 1, text: 'of no task' });
  const kept = () => ecs.store.read((tx) => tx.list(taskTimelines));
  assert.deepEqual(await kept(), []);
  await note.flush();
  const [row] = await kept();
  assert.deepEqual([row?.entries.length, row?.entries.at(-1)?.text], [200, 'note 249']);
  note(arn, { atMs: ecs.clock.now() + 250, text: 'x'.repeat(1000) });
  await note.flush();
  const after = must((await kept())[0]).entries;
  assert.deepEqual([after.length, after[0]?.text, after.at(-1)?.text.length], [200, 'note 51', 500]);

  await ecs.reconcile();
  await ecs.report(arn, 'STOPPED', { stopCode: 'TaskFailedToStart', stoppedReason: 'no such image' });
  const story = must(await taskStory(ecs.store, ecs.clock, RETENTION_MS, arn));
  assert.equal(story.why, 'its containers are gone: its network interface goes too');
  assert.deepEqual([story.stopCode, story.stoppedReason], ['TaskFailedToStart', 'no such image']);
  assert.match(must(story.timeline[0]).text, /^PROVISIONING/);
  assert.ok(story.timeline.some(({ text }) => text === 'STOPPING (TaskFailedToStart): no such image'));
  assert.deepEqual(
    story.timeline,
    story.timeline.toSorted((a, b) => a.atMs - b.atMs),
  );
  await ecs.reconcile();
  ecs.clock.advance(RETENTION_MS);
  await ecs.reconcile();
  assert.deepEqual(await kept(), []);
  assert.equal(await taskStory(ecs.store, ecs.clock, RETENTION_MS, arn), undefined);
  await ecs.close();
});

test('a note is written after half a second, without being asked', async () => {
  const ecs = await openTestSite();
  const note = taskTimeline(ecs.store, ecs.clock, silentLog);
  const arn = await runTask(ecs);
  note(arn, { atMs: 1, text: 'one' });
  const written = new Promise((resolve) => ecs.store.watch(resolve));
  ecs.clock.advance(500);
  await written;
  const [row] = await ecs.store.read((tx) => tx.list(taskTimelines));
  assert.deepEqual(row?.entries, [{ atMs: 1, text: 'one' }]);
  await ecs.close();
});

test('a task is found by its id or its ARN, in its own account', async () => {
  const ecs = await openTestSite();
  const arn = await runTask(ecs);
  const find = async (account: string, reference: string) => (await findTask(ecs.store, account, reference))?.arn;
  assert.equal(await find('123456789012', arn), arn);
  assert.equal(await find('123456789012', must(arn.split('/').at(-1))), arn);
  assert.equal(await find('111122223333', arn), undefined);
  assert.equal(await find('123456789012', 'gone'), undefined);
  await ecs.close();
});
