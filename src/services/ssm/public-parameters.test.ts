import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openParameterStore } from './testing.ts';

const image = (ImageId: string, Name: string, Architecture = 'x86_64') => ({
  ImageId,
  Name,
  Architecture,
  CreationDate: '2025-09-23T17:00:00.000Z',
});

const IMAGES = [
  image('ami-2', 'amzn2-ami-ecs-hvm-2.0.20250923-x86_64-ebs'),
  image('ami-2023', 'al2023-ami-ecs-hvm-2023.0.20250923-kernel-6.1-x86_64'),
  image('ami-m', 'al2023-ami-minimal-2023.8.20250915.0-kernel-6.1-x86_64'),
];

const open = () => openParameterStore({ 'ec2:DescribeImages': () => ({ Images: IMAGES }) });

test('the recommended images of ECS, as their public parameters', async () => {
  const store = open();
  const value = async (Name: string) => (await store.call('GetParameter', { Name })).Parameter?.Value;
  const base = '/aws/service/ecs/optimized-ami';
  assert.equal(await value(`${base}/amazon-linux-2/recommended/image_id`), 'ami-2');
  assert.equal(await value(`${base}/amazon-linux-2023/recommended/image_id`), 'ami-2023');
  const { image_id: id, os } = JSON.parse((await value(`${base}/amazon-linux-2023/recommended`)) ?? '{}');
  assert.deepEqual([id, os], ['ami-2023', 'Amazon Linux 2023']);
  const minimal = '/aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-x86_64';
  const { Parameter } = await store.call('GetParameter', { Name: minimal });
  assert.deepEqual(Parameter, {
    Name: minimal,
    Type: 'String',
    Value: 'ami-m',
    Version: 1,
    LastModifiedDate: new Date('2025-09-23T17:00:00Z'),
    ARN: `arn:aws:ssm:us-east-1::parameter${minimal}`,
    DataType: 'aws:ec2:image',
  });
  const { InvalidParameters } = await store.call('GetParameters', { Names: [minimal, `${base}/none`] });
  assert.deepEqual(InvalidParameters, [`${base}/none`]);
  await store.close();
});

test('they are listed by path, and nobody writes them', async () => {
  const store = open();
  const Path = '/aws/service/ecs/optimized-ami/amazon-linux-2/recommended';
  const { Parameters } = await store.call('GetParametersByPath', { Path });
  assert.equal(Parameters?.length, 7);
  await assert.rejects(store.call('PutParameter', { Name: `${Path}/image_id`, Value: 'ami-x', Type: 'String' }));
  await store.close();
});
