import { isIPv4, isIPv6 } from 'node:net';
import type { RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import { invalid, notInEnum } from '../errors.ts';
import type { ConditionRow } from '../tables.ts';
import { QUOTAS } from './quotas.ts';
import { checkRegex, pcreOf } from './regex.ts';

const FIELDS = [
  'host-header',
  'path-pattern',
  'http-header',
  'http-request-method',
  'query-string',
  'source-ip',
] as const;
const LONGEST_VALUE = 128;
const ONCE: readonly string[] = ['host-header', 'path-pattern', 'http-request-method', 'source-ip'];

/** The conditions of a rule, checked: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html */
export function conditionsFrom(conditions: readonly RuleCondition[]): readonly ConditionRow[] {
  if (conditions.length === 0) throw invalid('A condition must be specified');
  const rows = conditions.map(conditionFrom);
  for (const field of ONCE) {
    if (rows.filter((row) => row.field === field).length > 1) {
      throw invalid(`Condition field '${field}' can only be specified once in a rule`);
    }
  }
  const texts = rows.flatMap((row) =>
    row.field === 'query-string' ? row.values.flatMap((pair) => [pair.key ?? '', pair.value]) : row.values,
  );
  const values = rows.reduce((sum, row) => sum + row.values.length + regexesOf(row).length, 0);
  if (values > QUOTAS.conditionValues)
    throw invalid(`A rule can only have '${QUOTAS.conditionValues}' condition values`);
  const wildcards =
    texts
      .join('')
      .replaceAll(/\\[*?]/g, '')
      .match(/[*?]/g)?.length ?? 0;
  if (wildcards > QUOTAS.wildcards) throw invalid(`A rule can only have '${QUOTAS.wildcards}' wildcard characters`);
  return rows;
}

function regexesOf(row: ConditionRow): readonly string[] {
  return 'regexes' in row ? (row.regexes ?? []) : [];
}

/** As the plane takes it. */
export function planeCondition(row: ConditionRow): ConditionRow {
  return 'regexes' in row && row.regexes ? { ...row, regexes: row.regexes.map(pcreOf) } : row;
}

function conditionFrom(condition: RuleCondition): ConditionRow {
  const field = FIELDS.find((it) => it === condition.Field);
  if (!field) throw notInEnum(condition.Field ?? '', 'conditions.1.member.field', FIELDS);
  refuseOtherConfigs(condition, field);
  switch (field) {
    case 'host-header':
      return { field, ...patternsOf(condition, condition.HostHeaderConfig, /^[A-Za-z0-9*?.:-]{1,128}$/) };
    case 'path-pattern':
      return { field, ...patternsOf(condition, condition.PathPatternConfig, /^[\u0021-\u007e]{1,128}$/) };
    case 'http-request-method': {
      const values = valuesOf(condition, condition.HttpRequestMethodConfig?.Values);
      return { field, values: values.map((value) => fitting(field, value, /^[A-Z_-]{1,40}$/)) };
    }
    case 'source-ip':
      return { field, values: valuesOf(condition, condition.SourceIpConfig?.Values).map(cidr) };
    case 'http-header': {
      const name = fitting(field, condition.HttpHeaderConfig?.HttpHeaderName ?? '', /^[A-Za-z0-9_.-]{1,40}$/);
      if (name.toLowerCase() === 'host') throw invalid('Use a host-header condition for the host header');
      return { field, name, ...patternsOf(condition, condition.HttpHeaderConfig, /^[\u0020-\u007e]{1,128}$/) };
    }
    default:
      return { field, values: queryValues(condition) };
  }
}

interface Patterns {
  readonly Values?: readonly string[] | undefined;
  readonly RegexValues?: readonly string[] | undefined;
}

/** Texts with wildcards, or regular expressions: not both. */
function patternsOf(condition: RuleCondition, config: Patterns | undefined, valid: RegExp) {
  const field = condition.Field ?? '';
  const given = config?.RegexValues ?? condition.RegexValues ?? [];
  if (given.length === 0) {
    return { values: valuesOf(condition, config?.Values).map((value) => fitting(field, value, valid)) };
  }
  if (config?.RegexValues?.length && condition.RegexValues?.length) {
    throw invalid(`You cannot specify both RegexValues and a config for condition field '${field}'`);
  }
  if (config?.Values?.length || condition.Values?.length) {
    throw invalid(`You cannot specify both Values and RegexValues for condition field '${field}'`);
  }
  return { values: [], regexes: given.map((regex) => checkRegex(regex, LONGEST_VALUE, `condition field '${field}'`)) };
}

/** The members that say the values of each field. */
const CONFIGS = {
  'host-header': 'HostHeaderConfig',
  'path-pattern': 'PathPatternConfig',
  'http-header': 'HttpHeaderConfig',
  'http-request-method': 'HttpRequestMethodConfig',
  'query-string': 'QueryStringConfig',
  'source-ip': 'SourceIpConfig',
} as const;
const WITH_REGEXES: readonly string[] = ['host-header', 'path-pattern', 'http-header'];

function refuseOtherConfigs(condition: RuleCondition, field: keyof typeof CONFIGS): void {
  const other = Object.entries(CONFIGS).find(([it, member]) => it !== field && condition[member] !== undefined);
  if (other) throw invalid(`'${other[1]}' cannot be specified for condition field '${field}'`);
  if (condition.RegexValues?.length && !WITH_REGEXES.includes(field)) {
    throw invalid(`RegexValues cannot be specified for condition field '${field}'`);
  }
}

function valuesOf(condition: RuleCondition, fromConfig: readonly string[] | undefined): readonly string[] {
  const values = fromConfig ?? condition.Values ?? [];
  if (fromConfig && condition.Values?.length) {
    throw invalid(`You cannot specify both Values and a config for condition field '${condition.Field}'`);
  }
  if (values.length === 0) throw invalid('A condition value must be specified');
  return values;
}

function queryValues(condition: RuleCondition) {
  const pairs = condition.QueryStringConfig?.Values ?? [];
  if (pairs.length === 0) throw invalid('A condition value must be specified');
  return pairs.map(({ Key: key, Value: value = '' }) => ({
    ...(key === undefined ? {} : { key: fitting('query-string', key, /^[\u0020-\u007e]{1,128}$/) }),
    value: fitting('query-string', value, /^[\u0020-\u007e]{1,128}$/),
  }));
}

function fitting(field: string, value: string, pattern: RegExp): string {
  if (!pattern.test(value)) throw invalid(`Condition value '${value}' is not valid for field '${field}'`);
  return value;
}

function cidr(value: string): string {
  const [address = '', bits = '', more] = value.split('/');
  const most = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1;
  if (more !== undefined || !/^\d{1,3}$/.test(bits) || Number(bits) > most) {
    throw invalid(`The source IP value '${value}' is not a valid CIDR`);
  }
  return value;
}

export function conditionView(condition: ConditionRow): RuleCondition {
  switch (condition.field) {
    case 'host-header': {
      const { regexes, values } = condition;
      if (regexes) return { Field: condition.field, HostHeaderConfig: { RegexValues: [...regexes] } };
      return { Field: condition.field, Values: [...values], HostHeaderConfig: { Values: [...values] } };
    }
    case 'path-pattern': {
      const { regexes, values } = condition;
      if (regexes) return { Field: condition.field, PathPatternConfig: { RegexValues: [...regexes] } };
      return { Field: condition.field, Values: [...values], PathPatternConfig: { Values: [...values] } };
    }
    case 'http-header': {
      const { regexes, values, name: HttpHeaderName } = condition;
      const patterns = regexes ? { RegexValues: [...regexes] } : { Values: [...values] };
      return { Field: condition.field, HttpHeaderConfig: { HttpHeaderName, ...patterns } };
    }
    case 'http-request-method':
      return { Field: condition.field, HttpRequestMethodConfig: { Values: [...condition.values] } };
    case 'source-ip':
      return { Field: condition.field, SourceIpConfig: { Values: [...condition.values] } };
    default:
      return {
        Field: condition.field,
        QueryStringConfig: {
          Values: condition.values.map(({ key, value }) => ({
            ...(key === undefined ? {} : { Key: key }),
            Value: value,
          })),
        },
      };
  }
}
