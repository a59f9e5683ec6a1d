import { invalid, notSupported, unfit } from '../errors.ts';
import type { ParameterTier, ParameterType, ParameterVersion } from '../tables.ts';
import { checkAgainstPattern } from './allowed-pattern.ts';

const TYPES: readonly string[] = ['SecureString', 'StringList', 'String'];
const TIERS: readonly string[] = ['Standard', 'Advanced', 'Intelligent-Tiering'];
const MAX_BYTES = { Standard: 4096, Advanced: 8192 } as const;
const MAX_DESCRIPTION = 1024;
const DEFAULT_KEY = 'alias/aws/ssm';
const TIERS_PAGE =
  'For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html';

/** PutParameter's input, as far as it describes a version. */
export interface WrittenValue {
  readonly Value?: string | undefined;
  readonly Type?: string | undefined;
  readonly Tier?: string | undefined;
  readonly DataType?: string | undefined;
  readonly Description?: string | undefined;
  readonly AllowedPattern?: string | undefined;
  readonly KeyId?: string | undefined;
  readonly Policies?: string | undefined;
}

/** What becomes of it: a version but for who, when and which. */
export type WrittenVersion = Pick<
  ParameterVersion,
  'type' | 'tier' | 'dataType' | 'description' | 'allowedPattern' | 'keyId'
> & { readonly text: string };

/**
 * What a write makes of its input and of the version before it, from which it takes what it does not say.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
export function writtenVersion(input: WrittenValue, before: ParameterVersion | undefined): WrittenVersion {
  const text = checkText(input.Value ?? '');
  refusePolicies(input.Policies);
  const type = typeOf(input.Type, before);
  const tier = tierOf(input.Tier, text, before);
  const description = checkDescription(input.Description) ?? before?.description;
  const allowedPattern = input.AllowedPattern ?? before?.allowedPattern;
  if (allowedPattern) checkAgainstPattern(allowedPattern, text);
  return {
    type,
    tier,
    text,
    dataType: dataTypeOf(input.DataType ?? before?.dataType ?? 'text', type, text),
    ...(description !== undefined && { description }),
    ...(allowedPattern && { allowedPattern }),
    ...keyOf(input.KeyId, type, before),
  };
}

function checkText(text: string): string {
  if (text === '') throw unfit('value', '', 'Member must have length greater than or equal to 1.');
  if (/\{\{[^{}]*\}\}/.test(text)) {
    throw invalid('Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.');
  }
  return text;
}

function checkDescription(description: string | undefined): string | undefined {
  if (description !== undefined && description.length > MAX_DESCRIPTION) {
    throw unfit('description', description, `Member must have length less than or equal to ${MAX_DESCRIPTION}`);
  }
  return description;
}

function typeOf(type: string | undefined, before: ParameterVersion | undefined): ParameterType {
  const wanted = type ?? before?.type;
  if (wanted === undefined) throw invalid('A parameter type is required when you create a parameter.');
  return checkEnum('type', wanted, TYPES) as ParameterType;
}

/** Without a word a parameter stays in its tier, and begins in the standard one. */
function tierOf(given: string | undefined, text: string, before: ParameterVersion | undefined): ParameterTier {
  const wanted = given === undefined ? undefined : checkEnum('tier', given, TIERS);
  const bytes = Buffer.byteLength(text);
  if (wanted === 'Standard' && before?.tier === 'Advanced') {
    throw invalid(
      "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter. Be aware that standard parameters have a value limit of 4096 characters.",
    );
  }
  const grows = wanted === 'Intelligent-Tiering' && bytes > MAX_BYTES.Standard;
  const tier = wanted === 'Advanced' || before?.tier === 'Advanced' || grows ? 'Advanced' : 'Standard';
  if (bytes > MAX_BYTES[tier]) throw tooLong(tier);
  return tier;
}

function tooLong(tier: ParameterTier) {
  if (tier === 'Advanced') {
    return invalid(`Advanced tier parameters support a maximum parameter value of 8192 characters. ${TIERS_PAGE}`);
  }
  return invalid(
    `Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. ${TIERS_PAGE}`,
  );
}

function dataTypeOf(dataType: string, type: ParameterType, text: string): string {
  if (dataType === 'text') return dataType;
  if (dataType !== 'aws:ec2:image') {
    throw invalid(`The following data type is not supported: ${dataType} (Data type names are all lowercase.)`);
  }
  if (type !== 'String') throw invalid(`The data type ${dataType} is only for parameters of type String.`);
  if (!/^ami-[0-9a-zA-Z]{8,17}$/.test(text)) {
    throw invalid(
      `The value of a parameter of data type ${dataType} must be the ID of an AMI, such as ami-12345abcdeEXAMPLE.`,
    );
  }
  return dataType;
}

function keyOf(keyId: string | undefined, type: ParameterType, before: ParameterVersion | undefined) {
  if (type === 'SecureString') return { keyId: keyId ?? before?.keyId ?? DEFAULT_KEY };
  if (keyId !== undefined) throw invalid('KeyId is only for parameters of type SecureString.');
  return {};
}

/** None, or the empty list that takes away what there was. */
function refusePolicies(policies: string | undefined): void {
  if (policies === undefined || /^(\[\s*(\{\s*\})?\s*\])?$/.test(policies.trim())) return;
  throw notSupported('Policies', 'Delete the parameter yourself when it expires.');
}

function checkEnum(member: string, value: string, allowed: readonly string[]): string {
  if (!allowed.includes(value)) {
    throw unfit(member, value, `Member must satisfy enum value set: [${allowed.join(', ')}]`);
  }
  return value;
}
