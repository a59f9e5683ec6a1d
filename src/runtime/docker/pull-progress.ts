import type { PullProgress } from '../runtime.ts';

/** A line of the stream that `POST /images/create` answers. */
export interface PullLine {
  readonly status?: string;
  readonly error?: string;
  /** Of the layer. */
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
}

/** Adds up what is said of each layer. */
export class PullTally {
  readonly #layers = new Map<string, { totalBytes: number; pulledBytes: number }>();

  /** The sum, where the line changed it. */
  add(line: PullLine): PullProgress | undefined {
    const { id, status = '', progressDetail: { current, total } = {} } = line;
    if (id === undefined) return undefined;
    const layer = this.#layers.get(id);
    if (status === 'Downloading' && current !== undefined && total !== undefined && total > 0) {
      this.#layers.set(id, { totalBytes: total, pulledBytes: current });
    } else if (layer && /^(Download complete|Verifying Checksum|Pull complete)$/.test(status)) {
      if (layer.pulledBytes === layer.totalBytes) return undefined;
      this.#layers.set(id, { ...layer, pulledBytes: layer.totalBytes });
    } else {
      return undefined;
    }
    let sum = { totalBytes: 0, pulledBytes: 0 };
    for (const { totalBytes, pulledBytes } of this.#layers.values()) {
      sum = { totalBytes: sum.totalBytes + totalBytes, pulledBytes: sum.pulledBytes + pulledBytes };
    }
    return sum;
  }
}
