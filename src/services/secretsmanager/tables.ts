import { scopeKey } from '../../kernel/arn.ts';
import type { Scope } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import { table } from '../../store/store.ts';
import type { Stages } from './domain/stages.ts';

/** A secret without its values. */
export interface SecretRow extends Scope {
  readonly name: string;
  /** With the six random characters at its end. */
  readonly arn: string;
  readonly description?: string;
  /** As it was given: values are sealed with the server's own key, whatever it says. */
  readonly kmsKeyId?: string;
  /** Left out until something was tagged, as in AWS's answers. */
  readonly tags?: Tags;
  /** The resource policy's text. */
  readonly policy?: string;
  readonly stages: Stages;
  readonly createdAtMs: number;
  readonly changedAtMs: number;
  /** Midnight UTC of the day on which a value was last read. */
  readonly accessedDayMs?: number;
  /** When it goes for good, of a secret that is scheduled for deletion. */
  readonly deletionAtMs?: number;
}

/** What is known of a version besides its value. */
export interface VersionRow {
  readonly arn: string;
  /** The ClientRequestToken of the call that made it. */
  readonly versionId: string;
  readonly createdAtMs: number;
  readonly accessedDayMs?: number;
  readonly kmsKeyId?: string;
}

/** Apart from the versions, so that looking through those does not read the values. */
export interface ValueRow {
  readonly arn: string;
  readonly versionId: string;
  /** By `ports.box`. */
  readonly sealed: string;
}

export const secretKey = (scope: Scope, name: string) => `${scopeKey(scope)}/${name}`;

/** `|` stands in no ARN of a secret. */
export const versionPrefix = (arn: string) => `${arn}|`;
export const versionKey = (arn: string, versionId: string) => `${versionPrefix(arn)}${versionId}`;

export const secrets = table<SecretRow>('secretsmanager.secrets', (row) => secretKey(row, row.name), {
  scope: scopeKey,
});

export const versions = table<VersionRow>('secretsmanager.versions', (row) => versionKey(row.arn, row.versionId));

export const values = table<ValueRow>('secretsmanager.values', (row) => versionKey(row.arn, row.versionId));
