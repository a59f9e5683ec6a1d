import type { ConnectionEntry } from '../../../loadbalancer/log-entries.ts';
import { connectionText, quoted, secondsText, timeText } from './log-text.ts';

/** X.509's numbers of what is wrong with a client's certificate, and ELB's words for it. */
const REASONS: ReadonlyMap<number, string> = new Map([
  ...[2, 7, 18, 19, 20, 21, 24, 27].map((number) => [number, 'ClientCertUntrusted'] as const),
  [9, 'ClientCertNotYetValid'],
  [10, 'ClientCertExpired'],
  ...[5, 8, 11, 12, 15, 16].map((number) => [number, 'ClientCertCrlProcessingError'] as const),
  [22, 'ClientCertMaxChainDepthExceeded'],
  [23, 'ClientCertCrlHit'],
  [26, 'ClientCertPurposeInvalid'],
  [28, 'ClientCertRejected'],
]);

/**
 * A line of a connection log, without its end.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-connection-logs.html#connection-log-entry-syntax
 * @param loadBalancer `app/NAME/ID`
 */
export function connectionLogEntry(loadBalancer: string, entry: ConnectionEntry): string {
  const { tls, clientCertificate: leaf, handshakeMs } = entry;
  return [
    timeText(entry.atUs),
    entry.clientIp,
    entry.clientPort,
    entry.listenerPort,
    tls?.protocol ?? '-',
    tls?.cipher ?? '-',
    handshakeMs === undefined ? '-' : secondsText(handshakeMs),
    quoted(leaf?.subject),
    leaf ? `NotBefore=${leaf.notBefore};NotAfter=${leaf.notAfter}` : '-',
    leaf?.serialNumber ?? '-',
    verifyStatus(entry),
    connectionText(entry.connectionId),
    // tls_keyexchange: HAProxy does not tell which group was agreed on.
    '-',
    loadBalancer,
    entry.node,
  ].join(' ');
}

function verifyStatus({ tls, failure }: ConnectionEntry): string {
  if (!tls) return '-';
  return failure === undefined ? 'Success' : `Failed:${REASONS.get(failure) ?? 'UnmappedConnectionError'}`;
}
