import type { Scope } from '../../kernel/arn.ts';
import type { ReadTx, Stored } from '../../store/store.ts';
import type { ParameterReference } from './domain/parameter-name.ts';
import { noSuchParameter, noSuchVersion } from './errors.ts';
import {
  parameterKey,
  parameters,
  pastVersions,
  versionKey,
  versionPrefix,
  type ParameterRow,
  type ParameterVersion,
} from './tables.ts';

/** One version of a parameter, and how it was selected. */
export interface FoundVersion {
  readonly row: ParameterRow;
  readonly version: ParameterVersion;
  readonly selector?: string;
}

/** @throws ParameterNotFound */
export async function requireParameter(
  tx: ReadTx,
  scope: Scope,
  reference: ParameterReference,
): Promise<Stored<ParameterRow>> {
  const { place = scope } = reference;
  // Nobody shares parameters here, so those of other places are not there.
  const isHere = place.account === scope.account && place.region === scope.region;
  const row = isHere ? await tx.get(parameters, parameterKey(scope, reference.name)) : undefined;
  if (!row) throw noSuchParameter();
  return row;
}

/** @throws ParameterNotFound, ParameterVersionNotFound */
export async function requireVersion(tx: ReadTx, scope: Scope, reference: ParameterReference): Promise<FoundVersion> {
  const row = await requireParameter(tx, scope, reference);
  const { selector } = reference;
  if (selector === undefined) return { row, version: row.current };
  const number = /^\d+$/.test(selector) ? Number(selector) : labelled(row, selector);
  const version = number === undefined ? undefined : await versionOf(tx, row, number);
  if (!version) throw noSuchVersion(row.name, selector);
  return { row, version, selector };
}

function labelled({ labels }: ParameterRow, label: string): number | undefined {
  return Object.hasOwn(labels, label) ? labels[label] : undefined;
}

export async function versionOf(tx: ReadTx, row: ParameterRow, number: number): Promise<ParameterVersion | undefined> {
  if (number === row.current.version) return row.current;
  return tx.get(pastVersions, versionKey(row, row.name, number));
}

/** From the oldest that is kept to the newest. */
export async function versionsOf(tx: ReadTx, row: ParameterRow): Promise<readonly ParameterVersion[]> {
  return [...(await tx.list(pastVersions, { prefix: versionPrefix(row, row.name) })), row.current];
}
