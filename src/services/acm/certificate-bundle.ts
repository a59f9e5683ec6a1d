import type { SealedBox } from '../../kernel/sealed-box.ts';
import type { Store } from '../../store/store.ts';
import { certificates } from './tables.ts';

/**
 * Lends the load balancer what it serves TLS with: for the ARN of an issued certificate one PEM text of certificate,
 * chain and private key; undefined where there is none (yet).
 */
export function certificateBundle(store: Store, box: SealedBox): (arn: string) => Promise<string | undefined> {
  return async (arn) => {
    const row = await store.read((tx) => tx.get(certificates, arn));
    if (!row?.material) return undefined;
    const privateKeyPem = box.open(row.material.sealedPrivateKey);
    if (privateKeyPem === undefined)
      throw new Error(`The private key of ${arn} cannot be opened with this master key.`);
    return [row.material.certificatePem, row.material.chainPem ?? '', privateKeyPem].join('');
  };
}
