import type { Parameter, ParameterHistory, ParameterMetadata } from '@aws-sdk/client-ssm';
import type { SealedBox } from '../../kernel/sealed-box.ts';
import { parameterArn } from './arns.ts';
import { labelsOf } from './domain/labels.ts';
import type { FoundVersion } from './lookup.ts';
import type { ParameterRow, ParameterVersion } from './tables.ts';

/** A value as its reader gets it: that of a SecureString sealed, unless `decrypted`. */
export function valueOf({ value }: ParameterVersion, box: SealedBox, decrypted: boolean | undefined): string {
  if ('plain' in value) return value.plain;
  if (!decrypted) return value.sealed;
  const opened = box.open(value.sealed);
  if (opened === undefined) throw new Error('A parameter was sealed under another key than this server has.');
  return opened;
}

export function parameterView(found: FoundVersion, box: SealedBox, decrypted: boolean | undefined): Parameter {
  const { row, version, selector } = found;
  return {
    Name: row.name,
    Type: version.type,
    Value: valueOf(version, box, decrypted),
    Version: version.version,
    ...(selector !== undefined && { Selector: `:${selector}` }),
    LastModifiedDate: new Date(version.modifiedAtMs),
    ARN: parameterArn(row, row.name),
    DataType: version.dataType,
  };
}

export function metadataView(row: ParameterRow): ParameterMetadata {
  return { ARN: parameterArn(row, row.name), ...describe(row, row.current) };
}

export function historyView(
  row: ParameterRow,
  version: ParameterVersion,
  box: SealedBox,
  decrypted: boolean | undefined,
): ParameterHistory {
  return {
    ...describe(row, version),
    Value: valueOf(version, box, decrypted),
    Labels: [...labelsOf(row, version.version)],
  };
}

function describe(row: ParameterRow, version: ParameterVersion) {
  return {
    Name: row.name,
    Type: version.type,
    ...(version.keyId !== undefined && { KeyId: version.keyId }),
    LastModifiedDate: new Date(version.modifiedAtMs),
    LastModifiedUser: version.modifiedBy,
    ...(version.description !== undefined && { Description: version.description }),
    ...(version.allowedPattern !== undefined && { AllowedPattern: version.allowedPattern }),
    Version: version.version,
    Tier: version.tier,
    Policies: [],
    DataType: version.dataType,
  };
}
