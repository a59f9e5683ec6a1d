import { RuntimeError } from '../../kernel/errors.ts';
import { checkEndpoints, checkVpcState } from '../check-vpc-state.ts';
import type { ConnectEndpoint, Network, VpcState } from '../network.ts';

export interface FakeNetworkOptions {
  /** Which processes there are; by default every one. */
  readonly processExists?: (pid: number) => boolean;
}

/** Records what it is told, and refuses what the real one refuses. */
export class FakeNetwork implements Network {
  /** What exists on the pretended host. */
  readonly vpcs: Map<string, VpcState>;
  /** The process of each plugged interface, by `vpcId/interfaceId`. */
  readonly plugged: Map<string, number>;
  /** Of each VPC that has some. */
  readonly endpoints = new Map<string, readonly ConnectEndpoint[]>();
  /** Set it to make every call fail. */
  failure: RuntimeError | undefined;
  readonly #processExists: (pid: number) => boolean;
  readonly #applied = new Set<string>();

  constructor(options: FakeNetworkOptions = {}, host?: FakeNetwork) {
    this.#processExists = options.processExists ?? (() => true);
    this.vpcs = host?.vpcs ?? new Map();
    this.plugged = host?.plugged ?? new Map();
  }

  async apply(vpc: VpcState): Promise<void> {
    this.#fail();
    checkVpcState(vpc);
    const holder = [...this.vpcs.values()].find((other) => other.transitIndex === vpc.transitIndex);
    if (holder && holder.vpcId !== vpc.vpcId) {
      throw new RuntimeError('rejected', `transit index ${vpc.transitIndex} is ${holder.vpcId}'s, not ${vpc.vpcId}'s`);
    }
    this.vpcs.set(vpc.vpcId, vpc);
    this.#applied.add(vpc.vpcId);
    const described = new Set(vpc.interfaces.map((one) => `${vpc.vpcId}/${one.interfaceId}`));
    this.#unplugWhere((key) => key.startsWith(`${vpc.vpcId}/`) && !described.has(key));
  }

  async remove(vpcId: string): Promise<void> {
    this.#fail();
    this.vpcs.delete(vpcId);
    this.#applied.delete(vpcId);
    this.#unplugWhere((key) => key.startsWith(`${vpcId}/`));
  }

  async connect(vpcId: string, endpoints: readonly ConnectEndpoint[]): Promise<void> {
    this.#fail();
    checkEndpoints(endpoints);
    if (endpoints.length > 0) this.endpoints.set(vpcId, endpoints);
    else this.endpoints.delete(vpcId);
  }

  async plug(vpcId: string, interfaceId: string, pid: number): Promise<void> {
    this.#fail();
    const vpc = this.#applied.has(vpcId) ? this.vpcs.get(vpcId) : undefined;
    const one = vpc?.interfaces.find((each) => each.interfaceId === interfaceId);
    if (!one) throw new RuntimeError('temporary', `${interfaceId} is not applied to ${vpcId} yet`);
    if (one.kind !== 'task') throw new RuntimeError('rejected', `${interfaceId} is an address of the router itself`);
    if (!this.#processExists(pid)) throw new RuntimeError('gone', `process ${pid} does not exist`);
    this.plugged.set(`${vpcId}/${interfaceId}`, pid);
  }

  async isPlugged(vpcId: string, interfaceId: string, pid: number): Promise<boolean> {
    return this.plugged.get(`${vpcId}/${interfaceId}`) === pid;
  }

  async unplug(vpcId: string, interfaceId: string): Promise<void> {
    this.#fail();
    this.plugged.delete(`${vpcId}/${interfaceId}`);
  }

  async list(): Promise<readonly string[]> {
    this.#fail();
    return [...this.vpcs.keys()].toSorted();
  }

  namespacePath(vpcId: string): string {
    return `/run/netns/fake-${vpcId}`;
  }

  /** The private address of the interface that the process has; undefined without one. */
  addressOf(pid: number): string | undefined {
    const key = [...this.plugged].find(([, holder]) => holder === pid)?.[0];
    const [vpcId = '', interfaceId] = key?.split('/') ?? [];
    return this.vpcs.get(vpcId)?.interfaces.find((one) => one.interfaceId === interfaceId)?.privateIp;
  }

  #unplugWhere(matches: (key: string) => boolean): void {
    [...this.plugged.keys()].filter(matches).forEach((key) => this.plugged.delete(key));
  }

  #fail(): void {
    if (this.failure) throw this.failure;
  }
}
