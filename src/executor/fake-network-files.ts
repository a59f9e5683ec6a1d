import type { Mount } from '../runtime/runtime.ts';
import type { AwsvpcNetwork } from './executor.ts';
import type { NetworkFiles, NetworkOwner } from './network-files.ts';

/** In memory, for tests. */
export class FakeNetworkFiles implements NetworkFiles {
  readonly tasks = new Map<string, AwsvpcNetwork>();

  async ensure({ taskId, network }: NetworkOwner): Promise<readonly Mount[]> {
    this.tasks.set(taskId, network);
    return ['hosts', 'hostname', 'resolv.conf'].map((name) => ({
      kind: 'bind',
      source: `/fake/${taskId}/${name}`,
      target: `/etc/${name}`,
      readOnly: false,
    }));
  }

  async remove(taskId: string): Promise<void> {
    this.tasks.delete(taskId);
  }

  async list(): Promise<readonly string[]> {
    return [...this.tasks.keys()];
  }
}
