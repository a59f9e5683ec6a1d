import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { planUserData } from './user-data.ts';

function plan(text: string | Buffer) {
  const { firstBoot, everyBoot, parts } = planUserData(Buffer.from(text as string));
  return { firstBoot, everyBoot, parts: Object.fromEntries(parts.map(({ name, bytes }) => [name, bytes.toString()])) };
}

const SCRIPT = '#!/bin/bash\necho ECS_CLUSTER=web >> /etc/ecs/ecs.config\n';

test('a script runs at the first boot, packed or not', () => {
  const expected = { firstBoot: ['run_part part-001'], everyBoot: [], parts: { 'part-001': SCRIPT } };
  assert.deepEqual(plan(SCRIPT), expected);
  assert.deepEqual(plan(gzipSync(SCRIPT)), expected);
  assert.deepEqual(plan(''), { firstBoot: [], everyBoot: [], parts: {} });
});

test('a cloud-config: files, then commands; bootcmd at every boot', () => {
  const config = [
    '#cloud-config',
    'bootcmd: [[touch, "/a b"]]',
    'write_files:',
    '- { path: /etc/one, content: "x", permissions: 0600, owner: "ec2-user:ec2-user" }',
    '- { path: "/etc/it\'s", content: aGk=, encoding: b64, append: true }',
    'runcmd:',
    '- echo $HOME',
    '- [ls, -l, "it\'s"]',
  ].join('\n');
  assert.deepEqual(plan(config), {
    everyBoot: ['run_part bootcmd-001'],
    firstBoot: [
      "run_step put_file '/etc/one' '600' 'ec2-user:ec2-user' 'file-002'",
      String.raw`run_step put_file '/etc/it'\''s' '0644' 'root:root' 'file-003' append`,
      'run_part runcmd-004',
    ],
    parts: {
      'bootcmd-001': "#!/bin/sh\n'touch' '/a b'\n",
      'file-002': 'x',
      'file-003': 'hi',
      'runcmd-004': `#!/bin/sh\necho $HOME\n'ls' '-l' 'it'\\''s'\n`,
    },
  });
});

test('a MIME multipart, as AWS prints it: each part by its type', () => {
  const message = [
    'Content-Type: multipart/mixed; boundary="==BOUNDARY=="',
    'MIME-Version: 1.0',
    '',
    '--==BOUNDARY==',
    'Content-Type: text/cloud-boothook; charset="us-ascii"',
    '',
    '#cloud-boothook',
    'cloud-init-per once options echo x',
    '',
    '--==BOUNDARY==',
    'Content-Type: text/x-shellscript; charset="us-ascii"',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from(SCRIPT).toString('base64'),
    '--==BOUNDARY==',
    'Content-Type: text/cloud-config',
    '',
    '#cloud-config',
    'runcmd: [ls]',
    '--==BOUNDARY==--',
    'what follows is nobody’s',
  ];
  for (const lineEnd of ['\n', '\r\n']) {
    const { firstBoot, everyBoot, parts } = plan(message.join(lineEnd));
    assert.deepEqual(everyBoot, ['run_part boothook-001']);
    assert.deepEqual(firstBoot, ['run_part part-002', 'run_part runcmd-003']);
    assert.equal(parts['part-002'], SCRIPT);
    assert.match(parts['boothook-001'] ?? '', /^cloud-init-per once options echo x/);
  }
});

test('what is not supported is refused by name, and the rest holds', () => {
  const lines = (text: string) => plan(text).firstBoot;
  assert.deepEqual(lines('#cloud-config\npackages: [x]\nruncmd: [ls]'), [
    "refuse 'the key '\\''packages'\\'' of a cloud-config is not supported'",
    'run_part runcmd-001',
  ]);
  assert.match(lines('#include\nhttp://x/')[0] ?? '', /refuse 'what begins with .*#include/);
  assert.match(lines('<powershell>')[0] ?? '', /powershell/);
  assert.match(lines('hello')[0] ?? '', /begins with none of/);
  assert.match(lines('#cloud-config\n- x: [')[0] ?? '', /not YAML/);
  assert.match(lines('#cloud-config\nwrite_files: [{path: etc}]')[0] ?? '', /path is not an absolute one/);
  assert.match(lines('MIME-Version: 1.0\nContent-Type: text/x-python\n\nx')[0] ?? '', /type text\/x-python/);
  assert.match(lines('MIME-Version: 1.0\nContent-Type: constructor\n\nx')[0] ?? '', /type constructor/);
  assert.match(lines('\u001f\u008b')[0] ?? '', /refuse/);
});

test('what would fill the memory is refused, however it is packed, and the rest holds', () => {
  const packed = gzipSync(Buffer.alloc(3 * 1024 * 1024, '#!/bin/sh\n')).toString('base64');
  const part = `--b\nContent-Transfer-Encoding: base64\n\n${packed}\n`;
  const many = plan(gzipSync(`Content-Type: multipart/mixed; boundary=b\n\n${part.repeat(20)}--b--\n`));
  assert.equal(Object.keys(many.parts).length, 1);
  assert.equal(many.firstBoot.filter((line) => line.startsWith('refuse')).length, 19);
  const file = `{ path: /x, encoding: gz+b64, content: &x ${packed} }`;
  const files = `${file}${', { path: /y, encoding: gz+b64, content: *x }'.repeat(20)}`;
  assert.equal(Object.keys(plan(`#cloud-config\nwrite_files: [ ${files} ]`).parts).length, 1);
  const commands = `runcmd: [ &x "${'x'.repeat(100_000)}"${', *x'.repeat(60)} ]`;
  assert.match(plan(gzipSync(`#cloud-config\n${commands}`)).firstBoot[0] ?? '', /larger than 4096 KiB/);
  const long = gzipSync(`#cloud-config\nruncmd:\n${'- a\n'.repeat(100_000)}`);
  assert.match(plan(long).firstBoot[0] ?? '', /larger than 256 KiB/);
});

test('values of no use are refused, and do not end the reading', () => {
  const odd = plan('#cloud-config\nwrite_files: [{ path: /x, content: { toString: 1 } }]');
  assert.match(odd.firstBoot[0] ?? '', /refuse 'the cloud-config cannot be read/);
});
