import { operationsOf } from '../../api/operation.ts';
import type { SealedBox } from '../../kernel/sealed-box.ts';
import type { AcmeIssuer } from '../../pki/acme.ts';
import type { CertificateAuthority } from '../../pki/authority.ts';

export interface AcmPorts {
  readonly authority: CertificateAuthority;
  /** Of purpose `acm-private-keys`. */
  readonly box: SealedBox;
  /** Issues certificates for public names; without it the built-in authority does. */
  readonly acme?: AcmeIssuer;
}

export const operation = operationsOf<'acm', AcmPorts>();
