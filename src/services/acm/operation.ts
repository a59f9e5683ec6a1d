import { operationsOf } from '../../api/operation.ts';
import type { SealedBox } from '../../kernel/sealed-box.ts';
import type { CertificateAuthority } from '../../pki/authority.ts';

export interface AcmPorts {
  readonly authority: CertificateAuthority;
  /** Of purpose `acm-private-keys`. */
  readonly box: SealedBox;
}

export const operation = operationsOf<'acm', AcmPorts>();
