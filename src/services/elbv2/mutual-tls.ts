import type { MutualAuthenticationAttributes } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Scope } from '../../kernel/arn.ts';
import type { ReadTx } from '../../store/store.ts';
import { invalid, invalidConfiguration, notInEnum } from './errors.ts';
import { trustStoreOf } from './lookup.ts';
import type { ListenerRow, MutualTlsRow } from './tables.ts';

const MODES = ['off', 'passthrough', 'verify'];

/**
 * What a listener does about certificates of clients, checked.
 * @param protocol the listener's
 */
export async function mutualTlsFrom(
  tx: ReadTx,
  scope: Scope,
  protocol: ListenerRow['protocol'],
  input: MutualAuthenticationAttributes | undefined,
): Promise<Pick<ListenerRow, 'mutualTls'>> {
  const { Mode: mode = 'off', TrustStoreArn: trustStoreArn, AdvertiseTrustStoreCaNames: advertise } = input ?? {};
  if (!MODES.includes(mode)) throw notInEnum(mode, 'mutualAuthentication.mode', MODES);
  if (mode !== 'off' && protocol !== 'HTTPS') {
    throw invalidConfiguration('Mutual authentication is supported with HTTPS listeners only');
  }
  if (mode !== 'verify') {
    if (trustStoreArn !== undefined || input?.IgnoreClientCertificateExpiry !== undefined || advertise === 'on') {
      throw invalid(`Trust store settings cannot be specified for mutual authentication mode '${mode}'`);
    }
    return mode === 'passthrough' ? { mutualTls: { mode } } : {};
  }
  if (trustStoreArn === undefined) throw invalid("A trust store ARN must be specified for mode 'verify'");
  const { arn } = await trustStoreOf(tx, scope, trustStoreArn);
  return {
    mutualTls: {
      mode,
      trustStoreArn: arn,
      ignoreExpiry: input?.IgnoreClientCertificateExpiry ?? false,
      advertiseNames: advertise === 'on',
    },
  };
}

export function mutualTlsView(row: MutualTlsRow | undefined): MutualAuthenticationAttributes {
  if (row?.mode !== 'verify') return { Mode: row?.mode ?? 'off' };
  return {
    Mode: row.mode,
    TrustStoreArn: row.trustStoreArn,
    TrustStoreAssociationStatus: 'active',
    IgnoreClientCertificateExpiry: row.ignoreExpiry,
    AdvertiseTrustStoreCaNames: row.advertiseNames ? 'on' : 'off',
  };
}
