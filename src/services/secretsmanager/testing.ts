import assert from 'node:assert/strict';
import { openTestService } from '../../api/testing.ts';
import type { FakeCalls, TestService } from '../../api/testing.ts';
import { ServiceError } from '../../kernel/errors.ts';
import { seededIds } from '../../kernel/ids.ts';
import { SealedBox } from '../../kernel/sealed-box.ts';
import { secretsmanager } from './index.ts';

export const DAY_MS = 86_400_000;

export type TestSecrets = TestService<'secretsmanager'>;

export function openSecrets(calls: FakeCalls = {}): TestSecrets {
  const box = new SealedBox(Buffer.alloc(32, 7), 'secretsmanager-values', seededIds(3));
  const aws: TestSecrets = openTestService(
    'secretsmanager',
    secretsmanager,
    { box },
    {
      calls: { 'secretsmanager:GetSecretValue': (input, scope) => aws.call('GetSecretValue', input, scope), ...calls },
    },
  );
  return aws;
}

/** A ClientRequestToken that is told from others by its number. */
export const token = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** A secret `app/db` with one version, of token 1; answers its ARN. */
export async function createSecret(aws: TestSecrets, SecretString = 'one', Name = 'app/db'): Promise<string> {
  const { ARN = '' } = await aws.call('CreateSecret', { Name, ClientRequestToken: token(1), SecretString });
  return ARN;
}

/** The labels of each version, by the number of its token. */
export async function stagesOf(aws: TestSecrets, SecretId = 'app/db'): Promise<Record<number, string[]>> {
  const { VersionIdsToStages = {} } = await aws.call('DescribeSecret', { SecretId });
  return Object.fromEntries(Object.entries(VersionIdsToStages).map(([id, labels]) => [Number(id.slice(-12)), labels]));
}

/** That a call is refused with just this code and these words. */
export async function refused(calling: Promise<unknown>, code: string, message: string | RegExp): Promise<void> {
  await assert.rejects(calling, (error) => {
    assert.ok(error instanceof ServiceError, String(error));
    assert.equal(error.code, code, error.message);
    if (typeof message === 'string') assert.equal(error.message, message);
    else assert.match(error.message, message);
    return true;
  });
}
