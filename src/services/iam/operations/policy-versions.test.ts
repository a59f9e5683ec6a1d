import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { openTestIam, refusal } from '../testing.ts';
import { ADMIN, allowing, createPolicy } from '../testing-policies.ts';

let iam: ReturnType<typeof openTestIam>;
let PolicyArn: string;
beforeEach(async () => {
  iam = openTestIam();
  PolicyArn = await createPolicy(iam, 'p');
});
afterEach(() => iam.close());

const addVersion = (SetAsDefault?: boolean) =>
  iam.call('CreatePolicyVersion', {
    PolicyArn,
    PolicyDocument: allowing('s3:*'),
    ...(SetAsDefault !== undefined && { SetAsDefault }),
  });

test('a new version is in force only where it is said', async () => {
  iam.clock.advance(1000);
  const { PolicyVersion } = await addVersion();
  const CreateDate = new Date(iam.clock.now());
  assert.deepEqual(PolicyVersion, { VersionId: 'v2', IsDefaultVersion: false, CreateDate });
  assert.equal((await addVersion(true)).PolicyVersion?.IsDefaultVersion, true);
  const { Policy } = await iam.call('GetPolicy', { PolicyArn });
  assert.deepEqual([Policy?.DefaultVersionId, Policy?.UpdateDate], ['v3', CreateDate]);
  await iam.call('SetDefaultPolicyVersion', { PolicyArn, VersionId: 'v1' });
  assert.equal((await iam.call('GetPolicy', { PolicyArn })).Policy?.DefaultVersionId, 'v1');
});

test('a document is answered percent-encoded', async () => {
  const PolicyDocument = allowing('s3:Get*').replace('"*"', `"arn:aws:s3:::b/('x')!"`);
  await iam.call('CreatePolicyVersion', { PolicyArn, PolicyDocument });
  const { PolicyVersion } = await iam.call('GetPolicyVersion', { PolicyArn, VersionId: 'v2' });
  assert.match(
    PolicyVersion?.Document ?? '',
    /^%7B%22Version%22%3A%222012-10-17%22.*s3%3AGet%2A%22.*b%2F%28%27x%27%29%21/,
  );
  assert.equal(decodeURIComponent(PolicyVersion?.Document ?? ''), PolicyDocument);
});

test('five versions are the most, and a number is not used twice', async () => {
  for (let made = 1; made < 5; made++) await addVersion();
  await assert.rejects(
    addVersion(),
    refusal(
      'LimitExceededException',
      'A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.',
    ),
  );
  await iam.call('DeletePolicyVersion', { PolicyArn, VersionId: 'v5' });
  assert.equal((await addVersion()).PolicyVersion?.VersionId, 'v6');
  const list = await iam.call('ListPolicyVersions', { PolicyArn, MaxItems: 3 });
  const rest = await iam.call('ListPolicyVersions', { PolicyArn, Marker: list.Marker });
  assert.deepEqual(
    [...(list.Versions ?? []), ...(rest.Versions ?? [])].map(({ VersionId }) => VersionId),
    ['v6', 'v4', 'v3', 'v2', 'v1'],
  );
});

test('the default version cannot be deleted, nor what is not there', async () => {
  await assert.rejects(
    iam.call('DeletePolicyVersion', { PolicyArn, VersionId: 'v1' }),
    refusal('DeleteConflictException', 'Cannot delete the default version of a policy.'),
  );
  const gone = refusal('NoSuchEntityException', `Policy ${PolicyArn} version v9 does not exist or is not attachable.`);
  await assert.rejects(iam.call('DeletePolicyVersion', { PolicyArn, VersionId: 'v9' }), gone);
  await assert.rejects(iam.call('GetPolicyVersion', { PolicyArn, VersionId: 'v9' }), gone);
  await assert.rejects(iam.call('SetDefaultPolicyVersion', { PolicyArn, VersionId: 'v9' }), gone);
  await assert.rejects(iam.call('GetPolicyVersion', { PolicyArn, VersionId: 'latest' }), {
    code: 'InvalidInputException',
  });
});

test("of AWS's own policies the version that is in force is known", async () => {
  const { Versions } = await iam.call('ListPolicyVersions', { PolicyArn: ADMIN });
  assert.deepEqual(
    Versions?.map(({ IsDefaultVersion }) => IsDefaultVersion),
    [true],
  );
  const { PolicyVersion } = await iam.call('GetPolicyVersion', { PolicyArn: ADMIN, VersionId: 'v1' });
  assert.match(decodeURIComponent(PolicyVersion?.Document ?? ''), /"Allow"/);
});
