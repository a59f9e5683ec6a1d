import { parseArn, type Scope } from '../../kernel/arn.ts';
import type { ReadTx, Stored } from '../../store/store.ts';
import { invalidArn, noSuchCertificate } from './errors.ts';
import { certificates, type CertificateRow } from './tables.ts';

/** The certificate with this ARN in the caller's scope. @throws InvalidArnException, ResourceNotFoundException */
export async function certificateOf(
  tx: ReadTx,
  scope: Scope,
  arn: string | undefined,
): Promise<Stored<CertificateRow>> {
  const parsed = parseArn(arn ?? '');
  if (!arn || parsed?.service !== 'acm' || !parsed.resource.startsWith('certificate/')) throw invalidArn(arn ?? '');
  const isHere = parsed.account === scope.account && parsed.region === scope.region;
  const row = isHere ? await tx.get(certificates, arn) : undefined;
  if (!row) throw noSuchCertificate(arn);
  return row;
}
