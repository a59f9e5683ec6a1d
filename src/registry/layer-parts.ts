import { ServiceError } from '../kernel/errors.ts';
import type { ReadTx, Store } from '../store/store.ts';
import { uploads } from './tables.ts';
import type { UploadRow } from './tables.ts';
import type { UploadName, Uploads } from './uploads.ts';

/** Of every part but the last: https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html */
const LEAST_PART_BYTES = 5 * 1024 * 1024;

/** Both ends are inside. */
interface LayerPart {
  readonly first: number;
  readonly last: number;
}

/**
 * Layers that come in parts by ECR's API. An upload is the same as the distribution protocol's, but that it also knows
 * how its bytes were parted.
 */
export class LayerParts {
  readonly #store: Store;
  readonly #uploads: Uploads;

  constructor(store: Store, layerUploads: Uploads) {
    this.#store = store;
    this.#uploads = layerUploads;
  }

  /**
   * Adds a part that begins at byte `first` of the layer; answers the position of the last byte received.
   * @throws ServiceError as Uploads.append does
   */
  async add(name: UploadName, first: number, bytes: Uint8Array): Promise<number> {
    const size = await this.#uploads.size(name);
    const part = { first, last: first + bytes.length - 1 };
    if (first === size) {
      await this.#store.write(async (tx) => {
        const row = await tx.get(uploads, name.id);
        if (row) await tx.put(uploads, withPart(row, size, part));
      });
    }
    return (await this.#uploads.append(name, { start: first, body: once(bytes) })) - 1;
  }

  /**
   * Makes the parts a layer of the repository. A layer that is there already is written anew, and then refused.
   * @throws ServiceError as Uploads.complete does; EmptyUploadException, LayerPartTooSmallException,
   *   LayerAlreadyExistsException
   */
  async complete(name: UploadName, digest: string, isThere: (tx: ReadTx) => Promise<boolean>): Promise<void> {
    const { repository, scope } = name;
    if ((await this.#uploads.size(name)) === 0) {
      throw new ServiceError(
        'EmptyUploadException',
        `The upload with id '${name.id}' does not contain any layer parts`,
      );
    }
    const { row, wasThere } = await this.#store.read(async (tx) => ({
      row: await tx.get(uploads, name.id),
      wasThere: await isThere(tx),
    }));
    if (row?.hasSmallPart) {
      throw new ServiceError(
        'LayerPartTooSmallException',
        'All layer parts except the last part should be at least 5MB',
      );
    }
    await this.#uploads.complete(name, digest);
    if (wasThere) {
      throw new ServiceError(
        'LayerAlreadyExistsException',
        `Layer with digest '${digest}' already exists in the repository with name '${repository}' in registry with id '${scope.account}'`,
      );
    }
  }
}

/**
 * The upload once `part` begins where its `size` bytes end. Where the part before was cut short (by a crash), the new
 * one goes on with it, and both count as one.
 */
export function withPart(row: UploadRow, size: number, part: LayerPart): UploadRow {
  const { lastPart } = row;
  if (!lastPart) return { ...row, lastPart: part };
  if (size <= lastPart.last) return { ...row, lastPart: { first: lastPart.first, last: part.last } };
  const isSmall = lastPart.last - lastPart.first + 1 < LEAST_PART_BYTES;
  return { ...row, lastPart: part, ...(isSmall && { hasSmallPart: true }) };
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
