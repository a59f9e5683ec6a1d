import type { SealedBox } from '../../kernel/sealed-box.ts';
import type { Store } from '../../store/store.ts';
import { weaknessOf } from './domain/certificate-strength.ts';
import { certificates } from './tables.ts';

/** One PEM text of certificate, chain and private key; and why TLS servers do not serve with it. */
export interface CertificateBundle {
  readonly pem: string;
  readonly weakness?: string;
}

/** Lends the load balancer what it serves TLS with, by the ARN of a certificate; undefined where there is none (yet). */
export function certificateBundle(
  store: Store,
  box: SealedBox,
): (arn: string) => Promise<CertificateBundle | undefined> {
  return async (arn) => {
    const row = await store.read((tx) => tx.get(certificates, arn));
    if (!row?.material) return undefined;
    const privateKeyPem = box.open(row.material.sealedPrivateKey);
    if (privateKeyPem === undefined)
      throw new Error(`The private key of ${arn} cannot be opened with this master key.`);
    const chain = row.material.certificatePem + (row.material.chainPem ?? '');
    const weakness = weaknessOf(chain);
    return { pem: chain + privateKeyPem, ...(weakness === undefined ? {} : { weakness }) };
  };
}
