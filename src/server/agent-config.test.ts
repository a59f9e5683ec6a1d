import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAgentConfig } from './agent-config.ts';

test('an agent without configuration joins the default cluster', () => {
  const config = readAgentConfig('');
  assert.equal(config.cluster, 'default');
  assert.deepEqual(config.reservedPorts, [22, 2375, 2376, 51_678, 51_679]);
  assert.deepEqual(config.warnings, []);
});

test('what user data wrote is read, quoted or not', () => {
  const config = readAgentConfig(
    [
      '# of the cluster',
      'ECS_CLUSTER=blue',
      'ECS_INSTANCE_ATTRIBUTES={"stack":"prod"}',
      `ECS_CONTAINER_INSTANCE_TAGS='{"team":"web"}'`,
      'ECS_CONTAINER_INSTANCE_PROPAGATE_TAGS_FROM=ec2_instance',
      'ECS_RESERVED_MEMORY=256',
      'ECS_RESERVED_PORTS=[22,8080]',
      'ECS_DISABLE_PRIVILEGED=true',
    ].join('\n'),
  );
  assert.equal(config.cluster, 'blue');
  assert.deepEqual(config.attributes, { stack: 'prod' });
  assert.deepEqual(config.tags, { team: 'web' });
  assert.equal(config.propagatesTags, true);
  assert.equal(config.reservedMemory, 256);
  assert.deepEqual(config.reservedPorts, [22, 8080]);
  assert.equal(config.isPrivilegedDisabled, true);
});

test('what cannot be read is left out, and said', () => {
  const config = readAgentConfig('ECS_CLUSTER=green\nECS_INSTANCE_ATTRIBUTES={stack');
  assert.equal(config.cluster, 'green');
  assert.deepEqual(config.attributes, {});
  assert.deepEqual(config.warnings, ['Invalid format for "ECS_INSTANCE_ATTRIBUTES" environment variable']);
});

test('a file as large as it can be is read at once, whatever is in it', () => {
  const mebibyte = 1024 * 1024;
  const at = performance.now();
  for (const filling of [' ', '\t', 'A', '=', 'export ', '"']) {
    readAgentConfig(`ECS_CLUSTER=${filling.repeat(mebibyte / filling.length)}x`);
    readAgentConfig(`${filling.repeat(mebibyte / filling.length)}x`);
  }
  assert.ok(performance.now() - at < 2000, 'what an instance has in its file keeps nobody else waiting');
});
