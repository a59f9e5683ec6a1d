import type { LogDeliveryRow, LogKind } from '../tables.ts';

type Place = Pick<LogDeliveryRow, 'account' | 'region' | 'prefix'>;

/** The file by which ELB tries whether it may write. */
const TEST_FILES: Readonly<Record<LogKind, string>> = {
  access: 'ELBAccessLogTestFile',
  connection: 'ELBConnectionLogTestFile',
  health_check: 'ELBHealthCheckLogTestFile',
};
/** What the names of log files begin with. */
const BEGINNINGS: Readonly<Record<LogKind, string>> = {
  access: '',
  connection: 'conn_log_',
  health_check: 'health_check_log_',
};
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

export function testFileKey(kind: LogKind, place: Omit<Place, 'region'>): string {
  return `${folder(place)}${TEST_FILES[kind]}`;
}

export function testFileContent(loadBalancer: string, now: number): string {
  return `Enable AccessLog for ELB: ${loadBalancer} at ${new Date(now).toISOString()}`;
}

/**
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html#access-log-file-format
 * @param row of a load balancer called `app/NAME/ID`
 * @param file the end of what it tells of, in ms since the epoch; the address of the load balancer that it tells of; `unique`: see uniqueString
 */
export function logFileKey(
  row: Place & Pick<LogDeliveryRow, 'kind' | 'loadBalancer'>,
  { endMs, node, unique }: { readonly endMs: number; readonly node: string; readonly unique: string },
): string {
  const end = new Date(endMs).toISOString();
  const day = end.slice(0, 10).replaceAll('-', '/');
  const minute = `${end.slice(0, 16).replaceAll(/[-:]/g, '')}Z`;
  const name = [row.account, 'elasticloadbalancing', row.region, row.loadBalancer.replaceAll('/', '.')].join('_');
  const file = `${BEGINNINGS[row.kind]}${name}_${minute}_${node}_${unique}.log.gz`;
  return `${folder(row)}elasticloadbalancing/${row.region}/${day}/${file}`;
}

/** Letters and digits. @param bytes as many random ones */
export function uniqueString(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => LETTERS[byte % LETTERS.length]).join('');
}

function folder({ account, prefix }: Omit<Place, 'region'>): string {
  return `${prefix === '' ? '' : `${prefix}/`}AWSLogs/${account}/`;
}
