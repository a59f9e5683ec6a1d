import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ConfigError } from './config.ts';
import { readReplicationTargets } from './replication-file.ts';

const PLACE = { region: 'eu-west-1', registryId: '210987654321' };
const SECRET = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:ecr-pullthroughcache/there-a1b2c3';

let folder: string;
let count = 0;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ls-replication-file-'));
});

after(() => rm(folder, { recursive: true, force: true }));

async function read(content: unknown, mode = 0o600) {
  const path = join(folder, `${(count += 1)}.json`);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content), { mode });
  return readReplicationTargets(path);
}

test('a target is a place, a registry and a login', async () => {
  const at = { account: '210987654321', region: 'eu-west-1' };
  const key = { accessKeyId: 'AKIA', secretAccessKey: 'b' };
  const cases: [object, object][] = [
    [{ url: 'https://r.example:5000' }, { url: 'https://r.example:5000', login: { type: 'anonymous' } }],
    [
      { url: '127.0.0.1:5000', repositoryPrefix: 'mirror/a' },
      { url: 'http://127.0.0.1:5000', repositoryPrefix: 'mirror/a', login: { type: 'anonymous' } },
    ],
    [
      { url: 'https://r.example', username: 'me', password: 'secret' },
      { url: 'https://r.example', login: { type: 'password', username: 'me', password: 'secret' } },
    ],
    [
      { url: 'https://r.example', credentialArn: SECRET },
      { url: 'https://r.example', login: { type: 'secret', arn: SECRET } },
    ],
    [
      { url: 'https://r.example', ...key },
      { url: 'https://r.example', login: { type: 'access-key', ...key, endpoint: 'https://r.example' } },
    ],
    [
      { url: 'https://r.example', ...key, endpoint: 'https://api.example/' },
      { url: 'https://r.example', login: { type: 'access-key', ...key, endpoint: 'https://api.example' } },
    ],
  ];
  for (const [given, expected] of cases)
    assert.deepEqual(await read([{ ...PLACE, ...given }]), [{ ...at, ...expected }]);
  assert.deepEqual(await read([]), []);
});

test('what is wrong is named, and no secret is', async () => {
  const target = { ...PLACE, url: 'https://r.example' };
  const cases: [unknown, RegExp][] = [
    ['{"password": "hunter2', /is not JSON/],
    [{}, /must hold a JSON list/],
    [['hunter2'], /target 1 must be an object/],
    [[target, target], /two targets for 210987654321\/eu-west-1/],
    [[target, { ...target, pasword: 'hunter2' }], /target 2: pasword is not known/],
    [[{ ...target, region: 'moon' }], /region must be one/],
    [[{ ...target, registryId: '1' }], /twelve digits/],
    [[{ ...target, url: 'ftp://r.example' }], /url must be a registry's/],
    [[{ ...target, repositoryPrefix: 'A/' }], /repositoryPrefix must be/],
    [[{ ...target, username: 'me' }], /give username and password, or/],
    [[{ ...target, username: 'me', password: 'hunter2', credentialArn: SECRET }], /give username and password, or/],
    [[{ ...target, credentialArn: SECRET.replace('ecr-pull', 'pull') }], /whose name begins ecr-pullthroughcache/],
  ];
  for (const [content, message] of cases) {
    await assert.rejects(read(content), (error: Error) => {
      assert.ok(error instanceof ConfigError, error.message);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    });
  }
});

test('a file that others can read is refused, and so is none', async () => {
  await assert.rejects(read([], 0o640), /chmod 600/);
  await assert.rejects(readReplicationTargets(join(folder, 'none')), /cannot be read: ENOENT/);
});
