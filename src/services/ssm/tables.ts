import { scopeKey, type Scope } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import { table } from '../../store/store.ts';

export type ParameterType = 'String' | 'StringList' | 'SecureString';
export type ParameterTier = 'Standard' | 'Advanced';

/** A parameter and its newest version. */
export interface ParameterRow extends Scope {
  /** As it was created: with a slash before it or not. */
  readonly name: string;
  readonly current: ParameterVersion;
  /** Every label is on one version. */
  readonly labels: Readonly<Record<string, number>>;
  readonly tags: Tags;
}

/** A version that a newer one has replaced. */
export interface PastVersionRow extends Scope, ParameterVersion {
  readonly name: string;
}

/** What PutParameter wrote. */
export interface ParameterVersion {
  /** From 1. */
  readonly version: number;
  readonly type: ParameterType;
  readonly tier: ParameterTier;
  readonly dataType: string;
  readonly value: ParameterValue;
  readonly description?: string;
  readonly allowedPattern?: string;
  /** SecureString only: as it was given. */
  readonly keyId?: string;
  readonly modifiedAtMs: number;
  /** The ARN of who wrote it. */
  readonly modifiedBy: string;
}

/** The value of a SecureString is only ever kept sealed. */
export type ParameterValue = { readonly plain: string } | { readonly sealed: string };

export const parameters = table<ParameterRow>('ssm.parameters', (row) => parameterKey(row, row.name));

export const pastVersions = table<PastVersionRow>('ssm.versions', (row) => versionKey(row, row.name, row.version));

/** `x` and `/x` are one parameter: they have one ARN. */
export function parameterKey(scope: Scope, name: string): string {
  return `${scopeKey(scope)}/${name.replace(/^\//, '')}`;
}

/** Keys in the order of versions. */
export function versionKey(scope: Scope, name: string, version: number): string {
  return `${versionPrefix(scope, name)}${String(version).padStart(10, '0')}`;
}

/** No name holds a colon. */
export function versionPrefix(scope: Scope, name: string): string {
  return `${parameterKey(scope, name)}:`;
}
