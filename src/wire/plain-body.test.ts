import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ServiceError } from '../kernel/errors.ts';
import { Contracts } from './contracts.ts';
import { decodeInput } from './decode.ts';
import { encodeOutput } from './encode.ts';
import { encodeError } from './errors.ts';
import { plainBody } from './plain-body.ts';
import type { RawRequest } from './raw-request.ts';
import { identify } from './router.ts';

const contracts = new Contracts();
const FORM = 'application/x-www-form-urlencoded; charset=utf-8';

const request = (body: Buffer | string, headers: object): RawRequest => ({
  method: 'POST',
  rawUrl: '/',
  headers: Object.entries(headers),
  body: Buffer.from(body),
});
const json = {
  'x-amz-target': 'GraniteServiceVersion20100801.DeleteAlarms',
  'content-type': 'application/x-amz-json-1.0',
};
const gzip = { 'content-encoding': 'gzip' };

test('CloudWatch is spoken in JSON and in forms, each answered in its own', async () => {
  const asJson = await identify(request('{"AlarmNames":["a"]}', json), contracts);
  assert.deepEqual([asJson.service, asJson.protocol], ['cloudwatch', 'awsJson1_0']);
  const form = request('Action=DeleteAlarms&Version=2010-08-01&AlarmNames.member.1=a', { 'content-type': FORM });
  const asForm = await identify(form, contracts);
  assert.deepEqual([asForm.service, asForm.protocol], ['cloudwatch', 'awsQuery']);
  assert.deepEqual(decodeInput(asForm, form), { AlarmNames: ['a'] });
  assert.match(
    encodeOutput(asForm, {}, 'r').body.toString(),
    /^<DeleteAlarmsResponse xmlns="http:\/\/monitoring.amazonaws.com\/doc\/2010-08-01\/">/,
  );
  const error = new ServiceError('ResourceNotFound', 'No.');
  assert.equal(encodeError(asJson, error, 'r').headers['x-amzn-query-error'], 'ResourceNotFound;Sender');
  const inForm = encodeError(asForm, error, 'r');
  assert.equal(inForm.headers['x-amzn-query-error'], undefined);
  assert.equal(inForm.status, 404);
  assert.match(inForm.body.toString(), /<Code>ResourceNotFound<\/Code>/);
  const combination = new ServiceError('InvalidParameterCombinationException', 'No.');
  const answer = encodeError(asJson, combination, 'r');
  assert.equal(answer.headers['x-amzn-query-error'], 'InvalidParameterCombination;Sender');
  assert.match(answer.body.toString(), /"__type":"InvalidParameterCombinationException"/);
});

test('a body in gzip is opened, in both protocols', async () => {
  const body = request(gzipSync('{"AlarmNames":["a"]}'), { ...json, ...gzip });
  assert.deepEqual(decodeInput(await identify(body, contracts), body), { AlarmNames: ['a'] });
  const text = 'Action=DeleteAlarms&Version=2010-08-01&AlarmNames.member.1=b';
  const form = request(gzipSync(text), { 'content-type': FORM, ...gzip });
  assert.deepEqual(decodeInput(await identify(form, contracts), form), { AlarmNames: ['b'] });
});

test('what is not gzip, or opens to too much, is refused', () => {
  const refused = (code: string) => (error: unknown) => error instanceof ServiceError && error.code === code;
  assert.throws(() => plainBody(request('{}', gzip)), refused('SerializationException'));
  const bomb = gzipSync(Buffer.alloc(65 * 1024 * 1024));
  assert.throws(() => plainBody(request(bomb, gzip)), refused('RequestEntityTooLarge'));
});
