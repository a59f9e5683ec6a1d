/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html#id_credentials_understanding_the_report_format */
const COLUMNS = [
  'user',
  'arn',
  'user_creation_time',
  'password_enabled',
  'password_last_used',
  'password_last_changed',
  'password_next_rotation',
  'mfa_active',
  'access_key_1_active',
  'access_key_1_last_rotated',
  'access_key_1_last_used_date',
  'access_key_1_last_used_region',
  'access_key_1_last_used_service',
  'access_key_2_active',
  'access_key_2_last_rotated',
  'access_key_2_last_used_date',
  'access_key_2_last_used_region',
  'access_key_2_last_used_service',
  'cert_1_active',
  'cert_1_last_rotated',
  'cert_2_active',
  'cert_2_last_rotated',
];

/** One line of the report. Times in ms since the epoch; what is left out is not known, or is not there. */
export interface ReportedUser {
  readonly name: string;
  readonly arn: string;
  readonly createdAtMs?: number;
  readonly password?: { readonly changedAtMs: number; readonly nextRotationMs?: number };
  /** Two at most, in their order. */
  readonly keys: readonly ReportedKey[];
}

export interface ReportedKey {
  readonly active: boolean;
  readonly createdAtMs?: number;
  readonly lastUse?: { readonly atMs: number; readonly region: string; readonly service: string };
}

/** Root is the first line. Lines end in a line feed but for the last, as AWS's do. */
export function credentialReport(root: ReportedUser, users: readonly ReportedUser[]): string {
  const rootLine = [...entity(root), 'false', 'N/A', 'N/A', 'not_supported', ...rest(root)];
  const lines = users.map((user) => [...entity(user), ...passwordOf(user), ...rest(user)]);
  return [COLUMNS, rootLine, ...lines].map((line) => line.map(quote).join(',')).join('\n');
}

function entity({ name, arn, createdAtMs }: ReportedUser): string[] {
  return [name, arn, time(createdAtMs)];
}

/** Nobody can sign in with a password, so its last use is never known. */
function passwordOf({ password }: ReportedUser): string[] {
  if (!password) return ['false', 'N/A', 'N/A', 'N/A'];
  return ['true', 'no_information', time(password.changedAtMs), time(password.nextRotationMs)];
}

function rest({ keys }: ReportedUser): string[] {
  return ['false', ...keyOf(keys[0]), ...keyOf(keys[1]), 'false', 'N/A', 'false', 'N/A'];
}

function keyOf(key: ReportedKey | undefined): string[] {
  if (!key) return ['false', 'N/A', 'N/A', 'N/A', 'N/A'];
  const { lastUse } = key;
  const use = lastUse ? [time(lastUse.atMs), lastUse.region, lastUse.service] : ['N/A', 'N/A', 'N/A'];
  return [String(key.active), time(key.createdAtMs), ...use];
}

/** To the second, in UTC: `2026-01-31T12:00:00Z` */
function time(ms: number | undefined): string {
  return ms === undefined ? 'N/A' : new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** Names may hold commas. */
function quote(value: string): string {
  return value.includes(',') ? `"${value}"` : value;
}
