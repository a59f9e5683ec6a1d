import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { RuntimeError } from '../kernel/errors.ts';
import type { InterfaceState, Network, VpcState } from './network.ts';

/** What the suite needs of the host below a network. */
export interface NetworkHarness {
  readonly network: Network;
  /** Another object over the same host, as after a crash. */
  restart(): Network;
  /** A process with a network namespace of its own. */
  startProcess(): Promise<number>;
  endProcess(pid: number): Promise<void>;
  /** The private address of the process's interface; undefined without one. */
  addressOf(pid: number): Promise<string | undefined>;
  close(): Promise<void>;
}

/** A VPC 10.0.0.0/16 with a subnet 10.0.0.0/24 and one security group, `sg-open`, that lets everything through. */
export function exampleVpc(vpcId: string, transitIndex: number, interfaces: readonly InterfaceState[] = []): VpcState {
  const everything = [{ protocol: '-1', peer: { cidr: '0.0.0.0/0' } }] as const;
  return {
    vpcId,
    cidrs: ['10.0.0.0/16'],
    transitIndex,
    gateways: ['10.0.0.1', '10.0.1.1'],
    resolver: '10.0.0.2',
    interfaces,
    securityGroups: [{ groupId: 'sg-open', ingress: everything, egress: everything }],
    networkAcls: [],
  };
}

/** The interface `eni-HOST` with the address 10.0.0.HOST. */
export function exampleInterface(host: number, more: Partial<InterfaceState> = {}): InterfaceState {
  return {
    interfaceId: `eni-${host}`,
    kind: 'task',
    privateIp: `10.0.0.${host}`,
    subnetCidr: '10.0.0.0/24',
    macAddress: `02:00:0a:00:00:${host.toString(16).padStart(2, '0')}`,
    securityGroupIds: ['sg-open'],
    routes: [{ cidr: '0.0.0.0/0', via: 'internet' }],
    ...more,
  };
}

/** What every implementation of Network does. */
export function networkSuite(name: string, open: () => Promise<NetworkHarness>): void {
  describe(`${name}: network`, () => {
    let harness: NetworkHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    it('lists what was applied and not removed', async () => {
      const { network } = harness;
      assert.deepEqual(await network.list(), []);
      await network.apply(exampleVpc('vpc-b', 2));
      await network.apply(exampleVpc('vpc-a', 1));
      await network.apply(exampleVpc('vpc-a', 1));
      assert.deepEqual(await network.list(), ['vpc-a', 'vpc-b']);
      await network.remove('vpc-a');
      await network.remove('vpc-a');
      assert.deepEqual(await network.list(), ['vpc-b']);
      assert.notEqual(network.namespacePath('vpc-a'), network.namespacePath('vpc-b'));
    });

    it('plugs an interface into a process, and takes it out', async () => {
      const { network } = harness;
      const pid = await harness.startProcess();
      await network.apply(exampleVpc('vpc-a', 1, [exampleInterface(11)]));
      await network.plug('vpc-a', 'eni-11', pid);
      await network.plug('vpc-a', 'eni-11', pid);
      assert.equal(await network.isPlugged('vpc-a', 'eni-11', pid), true);
      assert.equal(await harness.addressOf(pid), '10.0.0.11');
      await network.unplug('vpc-a', 'eni-11');
      await network.unplug('vpc-a', 'eni-11');
      assert.equal(await network.isPlugged('vpc-a', 'eni-11', pid), false);
      assert.equal(await harness.addressOf(pid), undefined);
    });

    it('moves an interface to the process that follows', async () => {
      const { network } = harness;
      const [first, second] = [await harness.startProcess(), await harness.startProcess()];
      await network.apply(exampleVpc('vpc-a', 1, [exampleInterface(11)]));
      await network.plug('vpc-a', 'eni-11', first);
      await network.plug('vpc-a', 'eni-11', second);
      assert.equal(await harness.addressOf(first), undefined);
      assert.equal(await harness.addressOf(second), '10.0.0.11');
    });

    it('takes out the interfaces that the next state lacks, and those of a removed VPC', async () => {
      const { network } = harness;
      const [first, second] = [await harness.startProcess(), await harness.startProcess()];
      await network.apply(exampleVpc('vpc-a', 1, [exampleInterface(11), exampleInterface(12)]));
      await network.plug('vpc-a', 'eni-11', first);
      await network.plug('vpc-a', 'eni-12', second);
      await network.apply(exampleVpc('vpc-a', 1, [exampleInterface(12)]));
      assert.equal(await harness.addressOf(first), undefined);
      assert.equal(await harness.addressOf(second), '10.0.0.12');
      await network.remove('vpc-a');
      assert.equal(await harness.addressOf(second), undefined);
    });

    it('says why an interface cannot be plugged', async () => {
      const { network } = harness;
      const pid = await harness.startProcess();
      const plug = (interfaceId: string, target = pid) => network.plug('vpc-a', interfaceId, target);
      await assert.rejects(plug('eni-11'), failure('temporary', /eni-11 is not applied to vpc-a yet/));
      await network.apply(exampleVpc('vpc-a', 1, [exampleInterface(11), exampleInterface(100, { kind: 'local' })]));
      await assert.rejects(plug('eni-12'), failure('temporary', /eni-12 is not applied/));
      await assert.rejects(plug('eni-100'), failure('rejected', /address of the router itself/));
      await harness.endProcess(pid);
      await assert.rejects(plug('eni-11'), failure('gone', new RegExp(`process ${pid} does not exist`)));
    });

    it('refuses a state that is not well formed, and a transit index that another VPC has', async () => {
      const { network } = harness;
      const bad = exampleVpc('vpc-a', 1, [exampleInterface(11, { privateIp: '10.0.0.11; drop' })]);
      await assert.rejects(network.apply(bad), failure('rejected', /address 10\.0\.0\.11; drop/));
      await network.apply(exampleVpc('vpc-a', 1));
      await assert.rejects(network.apply(exampleVpc('vpc-b', 1)), failure('rejected', /transit index 1 is vpc-a's/));
    });

    it('takes the endpoints of a VPC, and refuses those that are not well formed', async () => {
      const { network } = harness;
      const targets = [{ privateIp: '10.0.0.11', port: 8080 }];
      const endpoint = { address: '169.254.176.1', port: 80, targets };
      await network.connect('vpc-a', [endpoint]);
      await network.apply(exampleVpc('vpc-a', 1));
      await network.connect('vpc-a', [endpoint, { ...endpoint, port: 81, targets: [] }]);
      await network.connect('vpc-a', []);
      const refused = async (change: Partial<typeof endpoint>, message: RegExp) =>
        assert.rejects(network.connect('vpc-a', [endpoint, { ...endpoint, ...change }]), failure('rejected', message));
      await refused({}, /169\.254\.176\.1:80 twice/);
      await refused({ address: '169.254.170.2' }, /169\.254\.170\.2 outside/);
      await refused({ port: 0 }, /port 0/);
      await refused({ port: 81, targets: [{ privateIp: 'x; drop', port: 1 }] }, /address x; drop/);
    });

    it('adopts after a restart what exists', async () => {
      const state = exampleVpc('vpc-a', 1, [exampleInterface(11)]);
      const pid = await harness.startProcess();
      await harness.network.apply(state);
      await harness.network.plug('vpc-a', 'eni-11', pid);
      const next = harness.restart();
      assert.deepEqual(await next.list(), ['vpc-a']);
      await assert.rejects(next.plug('vpc-a', 'eni-11', pid), failure('temporary', /not applied/));
      await next.apply(state);
      await next.plug('vpc-a', 'eni-11', pid);
      assert.equal(await harness.addressOf(pid), '10.0.0.11');
    });
  });
}

function failure(kind: RuntimeError['kind'], message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof RuntimeError, String(error));
    assert.equal(error.kind, kind);
    assert.match(error.message, message);
    return true;
  };
}
