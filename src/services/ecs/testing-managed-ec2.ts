import type { RunInstancesRequest } from '@aws-sdk/client-ec2';
import { ServiceError } from '../../kernel/errors.ts';

export interface LaunchedInstance {
  readonly id: string;
  readonly request: RunInstancesRequest;
  state: 'running' | 'terminated';
}

/** By name: vCPUs, GiB, network interfaces. */
const TYPES: Readonly<Record<string, readonly [number, number, number]>> = {
  'c7a.medium': [1, 2, 2],
  'c7a.large': [2, 4, 3],
  't3.micro': [2, 1, 2],
};

/** As much of EC2 as launches and ends Managed Instances. */
export class FakeManaged {
  /** By client token. */
  readonly launched = new Map<string, LaunchedInstance>();
  /** Types that there is no room for. */
  readonly full = new Set<string>();

  calls(): Record<string, (input: any) => object> {
    return {
      'ec2:RunInstances': (input) => this.#run(input),
      'ec2:TerminateInstances': ({ InstanceIds: ids }) => {
        for (const one of this.launched.values()) if (ids.includes(one.id)) one.state = 'terminated';
        return {};
      },
      'ec2:DescribeImages': () => ({
        Images: [{ ImageId: 'ami-1', Architecture: 'x86_64', CreationDate: '2025-01-01T00:00:00.000Z' }],
      }),
    };
  }

  types(): object {
    return {
      InstanceTypes: Object.entries(TYPES).map(([InstanceType, [vcpus, gib, interfaces]]) => ({
        InstanceType,
        VCpuInfo: { DefaultVCpus: vcpus },
        MemoryInfo: { SizeInMiB: gib * 1024 },
        NetworkInfo: { MaximumNetworkInterfaces: interfaces },
        BurstablePerformanceSupported: InstanceType.startsWith('t'),
        ProcessorInfo: { SupportedArchitectures: ['x86_64'] },
      })),
    };
  }

  /** Undefined where the question is about other instances. */
  find({ Filters: [filter] }: { readonly Filters: readonly { Name: string; Values: string[] }[] }): object | undefined {
    const { Name = '', Values = [] } = filter ?? {};
    const found = [...this.launched].filter(([token, { id }]) => Values.includes(Name === 'client-token' ? token : id));
    if (found.length === 0 && Name !== 'client-token') return undefined;
    const Instances = found.map(([, { id, state }]) => ({ InstanceId: id, State: { Name: state } }));
    return { Reservations: [{ Instances }] };
  }

  #run(request: RunInstancesRequest): object {
    const { ClientToken: token = '', InstanceType: type = '' } = request;
    const before = this.launched.get(token);
    if (before && JSON.stringify(before.request) !== JSON.stringify(request)) {
      throw new ServiceError('IdempotentParameterMismatch', 'It says something else');
    }
    if (!before && this.full.has(type)) throw new ServiceError('InsufficientInstanceCapacity', 'There is no room');
    const made = before ?? { id: `i-0a${this.launched.size + 1}`, request, state: 'running' as const };
    this.launched.set(token, made);
    return { Instances: [{ InstanceId: made.id }] };
  }
}
