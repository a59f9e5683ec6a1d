import type { SealedBox } from '../../kernel/sealed-box.ts';
import type { AcmeAccountKeys } from '../../pki/acme.ts';
import type { Store } from '../../store/store.ts';
import { acmeAccounts } from './tables.ts';

/** Keeps the key of the account with an ACME directory, sealed. */
export function acmeAccountKeys(store: Store, box: SealedBox, directoryUrl: string): AcmeAccountKeys {
  const opened = (sealed: string) => {
    const pem = box.open(sealed);
    if (pem === undefined) throw new Error(`The key of the ACME account with ${directoryUrl} cannot be opened.`);
    return pem;
  };
  return {
    async read() {
      const row = await store.read((tx) => tx.get(acmeAccounts, directoryUrl));
      return row && opened(row.sealedPrivateKey);
    },
    async keep(privateKeyPem) {
      const sealedPrivateKey = box.seal(privateKeyPem);
      const kept = await store.write(async (tx) => {
        return (
          (await tx.get(acmeAccounts, directoryUrl)) ?? (await tx.put(acmeAccounts, { directoryUrl, sealedPrivateKey }))
        );
      });
      return opened(kept.sealedPrivateKey);
    },
  };
}
