import { FakeInstances } from '../../instances/fake/fake-instances.ts';
import { FakeClock } from '../../kernel/clock.ts';
import type { InstanceHost, MetadataEndpoints } from './ports.ts';

/** Ports from 20000 on, in the order of asking. */
export class TestMetadataEndpoints implements MetadataEndpoints {
  readonly settled = new Map<string, readonly string[]>();
  readonly #ports = new Map<string, number>();

  async open(_vpcId: string, interfaceIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    for (const id of interfaceIds) if (!this.#ports.has(id)) this.#ports.set(id, 20_000 + this.#ports.size);
    return new Map(interfaceIds.map((id) => [id, this.#ports.get(id) ?? 0]));
  }

  async settle(vpcId: string, interfaceIds: readonly string[]): Promise<void> {
    this.settled.set(vpcId, interfaceIds);
  }
}

export interface TestHost extends InstanceHost {
  readonly driver: FakeInstances;
  readonly metadata: TestMetadataEndpoints;
  /** The roles that were handed over. */
  readonly passed: string[];
}

export function testHost(capacity: { readonly vcpus?: number; readonly memoryMiB?: number } = {}): TestHost {
  const passed: string[] = [];
  return {
    driver: new FakeInstances({ clock: new FakeClock() }),
    metadata: new TestMetadataEndpoints(),
    architecture: 'x86_64',
    vcpus: capacity.vcpus ?? 64,
    memoryMiB: capacity.memoryMiB ?? 64 * 1024,
    registry: '127.0.0.1:4566',
    passed,
    passRole: async (_caller, roleArn) => void passed.push(roleArn),
  };
}
