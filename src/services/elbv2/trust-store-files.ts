import type { SealedBox } from '../../kernel/sealed-box.ts';
import type { ReadTx, Store } from '../../store/store.ts';
import { revocationKey, revocations, trustStores } from './tables.ts';

/** Where the paths begin; a token follows. */
export const TRUST_STORE_FILES_PATH = '/_longshore/trust-stores/';

/** As AWS's URLs of trust stores do. */
const LIFE_MS = 10 * 60 * 1000;

/** The bundle of a trust store, or one of its revocation lists. */
export interface TrustStoreFile {
  readonly trustStoreArn: string;
  readonly revocationId?: number;
}

/** What lets whoever has its path read one file of a trust store for ten minutes. Sealed, not stored. */
export class TrustStoreFiles {
  readonly #box: SealedBox;

  /** @param box sealed for the purpose `elbv2-trust-store-files` */
  constructor(box: SealedBox) {
    this.#box = box;
  }

  /** The path to read it from. */
  pathOf(file: TrustStoreFile, now: number): string {
    return TRUST_STORE_FILES_PATH + this.#box.seal(JSON.stringify({ ...file, expiresAtMs: now + LIFE_MS }));
  }

  /** PEM. Undefined for a path that this server did not make, and for what is gone. */
  async read(store: Store, path: string, now: number): Promise<{ readonly pem: string } | 'expired' | undefined> {
    const text = path.startsWith(TRUST_STORE_FILES_PATH)
      ? this.#box.open(path.slice(TRUST_STORE_FILES_PATH.length))
      : undefined;
    if (text === undefined) return undefined;
    const { expiresAtMs, ...file }: TrustStoreFile & { expiresAtMs: number } = JSON.parse(text);
    if (now >= expiresAtMs) return 'expired';
    const pem = await store.read((tx) => pemOf(tx, file));
    return pem === undefined ? undefined : { pem };
  }
}

async function pemOf(tx: ReadTx, { trustStoreArn, revocationId }: TrustStoreFile): Promise<string | undefined> {
  if (revocationId === undefined) return (await tx.get(trustStores, trustStoreArn))?.authorities;
  return (await tx.get(revocations, revocationKey({ trustStoreArn, revocationId })))?.list;
}
