import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { ServiceError } from '../../kernel/errors.ts';
import { secretsmanager } from './index.ts';
import { createSecret, openSecrets, refused } from './testing.ts';
import type { TestSecrets } from './testing.ts';

const ANN = 'arn:aws:iam::123456789012:user/ann';
const SecretId = 'app/db';

let aws: TestSecrets;
let arn: string;

beforeEach(async () => {
  const absent = () => {
    throw new ServiceError('NoSuchEntityException', 'There is none.');
  };
  aws = openSecrets({
    'iam:GetUser': ({ UserName }) => (UserName === 'ann' ? { User: { Arn: ANN } } : absent()),
    'iam:GetRole': absent,
  });
  arn = await createSecret(aws);
});

afterEach(() => aws.close());

function policyOf(principal: unknown): string {
  const statement = { Effect: 'Allow', Principal: principal, Action: 'secretsmanager:GetSecretValue', Resource: '*' };
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
}

test('a policy is kept as it was given, and the gateway sees it', async () => {
  const ResourcePolicy = policyOf({ AWS: ANN });
  const seen = () => aws.store.read(async (tx) => secretsmanager.resourcePolicy?.(tx, arn));
  assert.deepEqual(await aws.call('GetResourcePolicy', { SecretId }), { ARN: arn, Name: SecretId });
  assert.deepEqual(await aws.call('PutResourcePolicy', { SecretId, ResourcePolicy }), { ARN: arn, Name: SecretId });
  assert.equal((await aws.call('GetResourcePolicy', { SecretId })).ResourcePolicy, ResourcePolicy);
  assert.equal(await seen(), ResourcePolicy);
  await aws.call('DeleteResourcePolicy', { SecretId });
  assert.equal((await aws.call('GetResourcePolicy', { SecretId })).ResourcePolicy, undefined);
  assert.equal(await seen(), undefined);
});

test('the gateway sees the tags of a secret, by its full ARN', async () => {
  await aws.call('TagResource', { SecretId, Tags: [{ Key: 'team', Value: 'web' }] });
  const tags = (of: string) => aws.store.read(async (tx) => secretsmanager.resourceTags?.(tx, of));
  assert.deepEqual(await tags(arn), { team: 'web' });
  assert.equal(await tags(`${arn.slice(0, -6)}zzzzzz`), undefined);
});

test('what is no policy is refused', async () => {
  const put = (ResourcePolicy: string, more = {}) =>
    aws.call('PutResourcePolicy', { SecretId, ResourcePolicy, ...more });
  await refused(put('{'), 'MalformedPolicyDocumentException', 'This resource policy contains invalid Json');
  await refused(put('{}'), 'MalformedPolicyDocumentException', 'Syntax errors in policy.');
  await refused(put(''), 'ValidationException', /'resourcePolicy'/);
  await refused(put('x'.repeat(20_481)), 'ValidationException', /20480/);
  for (const gone of ['user/bob', 'role/gone', 'user/team/ann']) {
    await refused(
      put(policyOf({ AWS: `arn:aws:iam::123456789012:${gone}` })),
      'MalformedPolicyDocumentException',
      'This resource policy contains an unsupported principal.',
    );
  }
  await put(policyOf('*'));
  await refused(
    put(policyOf('*'), { BlockPublicPolicy: true }),
    'PublicPolicyException',
    /^The BlockPublicPolicy parameter/,
  );
  await put(policyOf({ AWS: ANN }), { BlockPublicPolicy: true });
});

test('a policy is looked at without being kept', async () => {
  const validate = (ResourcePolicy: string, id?: string) =>
    aws.call('ValidateResourcePolicy', { ResourcePolicy, ...(id !== undefined && { SecretId: id }) });
  assert.deepEqual(await validate(policyOf({ AWS: ANN }), SecretId), {
    PolicyValidationPassed: true,
    ValidationErrors: [],
  });
  const { PolicyValidationPassed, ValidationErrors } = await validate(policyOf('*'));
  assert.equal(PolicyValidationPassed, false);
  assert.match(ValidationErrors?.[0]?.ErrorMessage ?? '', /broad access/);
  await refused(validate('{'), 'MalformedPolicyDocumentException', /invalid Json/);
  await refused(validate(policyOf('*'), 'nothing'), 'ResourceNotFoundException', /can't find/);
  assert.equal((await aws.call('GetResourcePolicy', { SecretId })).ResourcePolicy, undefined);
});
