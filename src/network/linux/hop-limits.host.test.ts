import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { exampleInterface, exampleVpc } from '../suite.ts';
import { runInside } from './command.ts';
import { TestHost, namespaceOf } from './testing.ts';

const METADATA_PORT = 35_681;
const TRANSIT_HOST = '198.19.200.193';
const TOKEN = 'http://169.254.169.254/latest/api/token';
const INSTANCE = exampleInterface(21, { metadataPort: METADATA_PORT, metadataHopLimit: 1 });
const VPC = exampleVpc('vpc-hops', 0, [INSTANCE]);

const host = new TestHost({
  instanceId: '7e57000d',
  transitCidr: '198.19.200.192/26',
  publicCidr: '198.18.200.192/26',
  dnsPort: 35_653,
  metadataPort: 35_680,
});
/** Paths of namespaces: of an instance, and of a container behind its bridge. */
let instance = '';
let container = '';

before(async () => {
  await host.network.removeAll();
  await host.network.apply(VPC);
  const pids = [await host.startProcess(), await host.startProcess()] as const;
  await host.network.plug(VPC.vpcId, INSTANCE.interfaceId, pids[0]);
  [instance, container] = [namespaceOf(pids[0]), namespaceOf(pids[1])];
  await host.serve('/proc/self/ns/net', METADATA_PORT, 'it', TRANSIT_HOST);
  await runInside(instance, 'ip', [
    'link',
    'add',
    'inner',
    'type',
    'veth',
    'peer',
    'name',
    'eth0',
    'netns',
    `${pids[1]}`,
  ]);
  await runInside(instance, 'ip', ['address', 'add', '172.17.0.1/24', 'dev', 'inner']);
  await runInside(instance, 'ip', ['link', 'set', 'inner', 'up']);
  await runInside(instance, 'sysctl', ['-q', '-w', 'net.ipv4.ip_forward=1']);
  const nat = 'table ip nat { chain post { type nat hook postrouting priority srcnat; oifname "eth0" masquerade; }; }';
  await runInside(instance, 'nft', [nat]);
  await runInside(container, 'ip', ['address', 'add', '172.17.0.2/24', 'dev', 'eth0']);
  await runInside(container, 'ip', ['link', 'set', 'eth0', 'up']);
  await runInside(container, 'ip', ['route', 'add', 'default', 'via', '172.17.0.1']);
});
after(() => host.close());

/** An answer that is to come may take its time on a busy machine; none comes in a shorter one. */
const ANSWER_MS = 5000;
const NO_ANSWER_MS = 600;

/** Whether an answer comes. */
async function asks(namespace: string, method: string, withinMs = ANSWER_MS): Promise<boolean> {
  const limit = ['--max-time', String(withinMs / 1000)];
  const curl = ['--silent', ...limit, '--output', '/dev/null', '--request', method, TOKEN];
  return runInside(namespace, 'curl', curl).then(
    () => true,
    () => false,
  );
}

test('at one hop a token goes to the instance alone, and data to its containers too', async () => {
  assert.deepEqual(
    [await asks(instance, 'PUT'), await asks(container, 'PUT', NO_ANSWER_MS), await asks(container, 'GET')],
    [true, false, true],
  );
});

test('a request in pieces gets no token out either', async () => {
  const script = (withinMs: number) => `
    const socket = require('node:net').connect(80, '169.254.169.254', async () => {
      socket.setNoDelay(true);
      for (const piece of ['P', 'UT /latest/api/token HTTP/1.1\\r\\n', 'Host: a\\r\\n\\r\\n']) {
        socket.write(piece);
        await new Promise((next) => setTimeout(next, 30));
      }
    });
    socket.on('data', () => {
      console.log('answered');
      process.exit();
    });
    setTimeout(() => process.exit(), ${withinMs});`;
  assert.equal(await runInside(container, process.execPath, ['-e', script(NO_ANSWER_MS)]), '');
  assert.match(await runInside(instance, process.execPath, ['-e', script(ANSWER_MS)]), /answered/);
});

test('two hops reach a container', async () => {
  await host.network.apply({ ...VPC, interfaces: [{ ...INSTANCE, metadataHopLimit: 2 }] });
  assert.equal(await asks(container, 'PUT'), true);
});
