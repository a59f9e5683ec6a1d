import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { TEST_SCOPE } from '../../../api/testing.ts';
import { lastUses } from '../tables.ts';
import { openTestIam, ROOT_KEY } from '../testing.ts';

const HOUR_MS = 3_600_000;

let iam: ReturnType<typeof openTestIam>;
beforeEach(() => {
  iam = openTestIam();
});
afterEach(() => iam.close());

const generate = async () => (await iam.call('GenerateCredentialReport', {})).State;

async function lines(): Promise<string[]> {
  const { Content } = await iam.call('GetCredentialReport', {});
  return Buffer.from(Content ?? [])
    .toString()
    .split('\n');
}

test('there is no report before one is made, and none that is older than four hours', async () => {
  await assert.rejects(iam.call('GetCredentialReport', {}), {
    code: 'CredentialReportNotPresentException',
    httpStatus: 410,
  });
  assert.equal(await generate(), 'STARTED');
  assert.equal(await generate(), 'COMPLETE');
  const { ReportFormat, GeneratedTime } = await iam.call('GetCredentialReport', {});
  assert.deepEqual([ReportFormat, GeneratedTime], ['text/csv', new Date(iam.clock.now())]);
  iam.clock.advance(4 * HOUR_MS);
  assert.equal(await generate(), 'COMPLETE');
  iam.clock.advance(1);
  await assert.rejects(iam.call('GetCredentialReport', {}), {
    code: 'CredentialReportExpiredException',
    httpStatus: 410,
  });
  assert.equal(await generate(), 'STARTED');
});

test('a report stays as it was made', async () => {
  await generate();
  await iam.call('CreateUser', { UserName: 'late' });
  await generate();
  assert.equal((await lines()).length, 2);
});

test('root is first, then the users with their password and their keys', async () => {
  await iam.call('CreateUser', { UserName: 'bob,b', Path: '/x/' });
  await iam.call('CreateUser', { UserName: 'Alice' });
  await iam.call('UpdateAccountPasswordPolicy', { MaxPasswordAge: 1 });
  await iam.call('CreateLoginProfile', { UserName: 'Alice', Password: 'password' });
  iam.clock.advance(HOUR_MS);
  const { AccessKey } = await iam.call('CreateAccessKey', { UserName: 'Alice' });
  const AccessKeyId = AccessKey?.AccessKeyId;
  await iam.call('UpdateAccessKey', { UserName: 'Alice', AccessKeyId, Status: 'Inactive' });
  iam.clock.advance(HOUR_MS);
  await iam.call('CreateAccessKey', { UserName: 'Alice' });
  const { account } = TEST_SCOPE;
  const use = { account, atMs: iam.clock.now(), region: 'us-east-1', service: 'ecs' };
  await iam.store.write(async (tx) => {
    await tx.put(lastUses, { ...use, id: AccessKeyId ?? '' });
    await tx.put(lastUses, { ...use, id: ROOT_KEY, service: 'sts' });
  });
  await generate();
  const none = 'false,N/A,N/A,N/A,N/A';
  assert.deepEqual((await lines()).slice(1), [
    `<root_account>,arn:aws:iam::${account}:root,N/A,false,N/A,N/A,not_supported,false,` +
      `true,N/A,2026-01-01T02:00:00Z,us-east-1,sts,${none},false,N/A,false,N/A`,
    `Alice,arn:aws:iam::${account}:user/Alice,2026-01-01T00:00:00Z,true,no_information,2026-01-01T00:00:00Z,2026-01-02T00:00:00Z,false,` +
      `false,2026-01-01T01:00:00Z,2026-01-01T02:00:00Z,us-east-1,ecs,true,2026-01-01T02:00:00Z,N/A,N/A,N/A,false,N/A,false,N/A`,
    `"bob,b","arn:aws:iam::${account}:user/x/bob,b",2026-01-01T00:00:00Z,false,N/A,N/A,N/A,false,${none},${none},false,N/A,false,N/A`,
  ]);
});

test('the columns are those of AWS', async () => {
  await generate();
  const [header = '', root = ''] = await lines();
  assert.equal(header.split(',').length, 22);
  assert.equal(root.split(',').length, 22);
  assert.ok(header.startsWith('user,arn,user_creation_time,password_enabled,password_last_used,'));
  assert.ok(header.endsWith(',cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated'));
});
