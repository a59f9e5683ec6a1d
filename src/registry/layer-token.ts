import type { Scope } from '../kernel/arn.ts';
import type { SealedBox } from '../kernel/sealed-box.ts';

/** Where the paths begin; a token follows. */
export const LAYERS_PATH = '/_longshore/layers/';

const LIFE_MS = 60 * 60 * 1000;

/** One layer of one repository. */
export interface LayerName extends Scope {
  readonly repository: string;
  readonly digest: string;
}

/** What lets whoever has it download one layer of one repository for an hour. Sealed, not stored. */
export class LayerTokens {
  readonly #box: SealedBox;

  /** @param box sealed for the purpose `ecr-layer` */
  constructor(box: SealedBox) {
    this.#box = box;
  }

  /** The path to download the layer from. */
  pathOf({ account, region, repository, digest }: LayerName, now: number): string {
    const expiresAtMs = now + LIFE_MS;
    return LAYERS_PATH + this.#box.seal(JSON.stringify({ account, region, repository, digest, expiresAtMs }));
  }

  /** Undefined for a path that this server did not make. */
  open(path: string, now: number): LayerName | 'expired' | undefined {
    const text = path.startsWith(LAYERS_PATH) ? this.#box.open(path.slice(LAYERS_PATH.length)) : undefined;
    if (text === undefined) return undefined;
    const { expiresAtMs, ...layer }: LayerName & { expiresAtMs: number } = JSON.parse(text);
    return now < expiresAtMs ? layer : 'expired';
  }
}
