import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededIds } from '../../../kernel/ids.ts';
import { drawText, isSecretName, newSecretArn, readSecretId, unknownSecretArn } from './secret-id.ts';

const scope = { account: '123456789012', region: 'us-east-1' };
const ARN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:';

test('a secret is called by its name, its ARN, or its ARN without the end', () => {
  assert.deepEqual(readSecretId('app/db', scope), { ...scope, name: 'app/db' });
  assert.deepEqual(readSecretId(`${ARN}app/db`, scope), { ...scope, name: 'app/db' });
  const full = `${ARN}app/db-AbCd12`;
  assert.deepEqual(readSecretId(full, scope), { ...scope, name: 'app/db', arn: full });
});

test('an ARN that ends as a full one does is a full one, a name never', () => {
  assert.equal(readSecretId(`${ARN}db-a1b2c3`, scope)?.name, 'db');
  assert.equal(readSecretId(`${ARN}db-a1b2c3-`, scope)?.name, 'db-a1b2c3-');
  assert.equal(readSecretId('db-a1b2c3', scope)?.name, 'db-a1b2c3');
});

test('what is neither is nothing', () => {
  for (const text of ['', 'a b', 'arn:aws:s3:::bucket', 'arn:aws:secretsmanager:us-east-1:1:key:x', ARN, 'a:b']) {
    assert.equal(readSecretId(text, scope), undefined, text);
  }
  assert.ok(isSecretName('Az09/_+=.@-!'));
});

test('an ARN of another region or account keeps both', () => {
  const other = 'arn:aws:secretsmanager:eu-west-1:210987654321:secret:db';
  assert.deepEqual(readSecretId(other, scope), { account: '210987654321', region: 'eu-west-1', name: 'db' });
});

test('a new ARN ends in six letters and digits, an unknown one in as many question marks', () => {
  assert.match(
    newSecretArn(scope, 'app/db', seededIds(1)),
    /^arn:aws:secretsmanager:us-east-1:\d{12}:secret:app\/db-\w{6}$/,
  );
  assert.equal(unknownSecretArn(scope, 'db'), `${ARN}db-??????`);
});

test('each character is drawn as often as any other', () => {
  const counts = new Map<string, number>();
  for (const each of drawText(seededIds(1), 'abc', 9000).split('')) counts.set(each, (counts.get(each) ?? 0) + 1);
  assert.equal(counts.size, 3);
  for (const count of counts.values()) assert.ok(count > 2800 && count < 3200, String(count));
});
