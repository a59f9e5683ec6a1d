import { isDeepStrictEqual } from 'node:util';
import { RuntimeError } from '../../kernel/errors.ts';
import type { VolumeSpec } from '../runtime.ts';

/** The volumes of a fake engine. */
export class FakeVolumes {
  readonly #volumes = new Map<string, VolumeSpec>();

  create(volume: VolumeSpec): void {
    const found = this.#volumes.get(volume.name);
    if (found && !isDeepStrictEqual({ ...found.labels, ...volume.labels }, found.labels)) {
      throw new RuntimeError('rejected', `a volume with the name ${volume.name} exists, with other labels`);
    }
    if (!found) this.#volumes.set(volume.name, volume);
  }

  /** As the engine does for a mount of a volume that nobody made. */
  provide(name: string): void {
    if (!this.#volumes.has(name)) this.#volumes.set(name, { name, labels: {} });
  }

  remove(name: string, usedBy: string | undefined): void {
    if (!this.#volumes.has(name)) return;
    if (usedBy !== undefined) {
      throw new RuntimeError('temporary', `remove ${name}: volume is in use - [${usedBy}]`);
    }
    this.#volumes.delete(name);
  }

  list(labels: Readonly<Record<string, string>>): string[] {
    const wanted = Object.entries(labels);
    return [...this.#volumes.values()]
      .filter((volume) => wanted.every(([name, value]) => volume.labels[name] === value))
      .map(({ name }) => name);
  }
}
