import type { RewriteConfig, RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2';
import { invalid, notInEnum } from '../errors.ts';
import type { TransformRow } from '../tables.ts';
import { groupsOf, pcreOf } from './regex.ts';

const TYPES = ['host-header-rewrite', 'url-rewrite'] as const;
const LONGEST = 1024;

/** The transforms of a rule, checked: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-transforms.html */
export function transformsFrom(transforms: readonly RuleTransform[]): readonly TransformRow[] {
  const rows = transforms.map(transformFrom);
  for (const type of TYPES) {
    if (rows.filter((row) => row.type === type).length > 1) {
      throw invalid(`Transform type '${type}' can only be specified once in a rule`);
    }
  }
  return rows;
}

function transformFrom(transform: RuleTransform): TransformRow {
  const type = TYPES.find((it) => it === transform.Type);
  if (!type) throw notInEnum(transform.Type ?? '', 'transforms.1.member.type', TYPES);
  const { HostHeaderRewriteConfig: host, UrlRewriteConfig: url } = transform;
  const [config, other] = type === 'url-rewrite' ? [url, host] : [host, url];
  if (other !== undefined) throw invalid(`Only the config of type '${type}' can be specified for this transform`);
  const [rewrite, ...more] = config?.Rewrites ?? [];
  if (!rewrite || more.length > 0) throw invalid(`A transform of type '${type}' must have exactly one rewrite`);
  return { type, ...rewriteFrom(rewrite, type) };
}

function rewriteFrom({ Regex: regex = '', Replace: replace = '' }: RewriteConfig, type: string) {
  const groups = groupsOf(regex, LONGEST, `transform '${type}'`);
  if (!/^[\u0021-\u007e]*$/.test(replace) || replace.length > LONGEST) {
    throw invalid(`The replacement '${replace}' can have at most ${LONGEST} printable characters`);
  }
  const used = (replace.match(/\$\d+/g) ?? []).map((it) => Number(it.slice(1)));
  if (used.some((group) => group < 1 || group > Math.min(groups, 9))) {
    throw invalid(`The replacement '${replace}' uses a capture group that '${regex}' does not have`);
  }
  return { regex, replace };
}

/** As the plane takes it. */
export function planeTransform(transform: TransformRow): TransformRow {
  return { ...transform, regex: pcreOf(transform.regex) };
}

export function transformView({ type, regex, replace }: TransformRow): RuleTransform {
  const config = { Rewrites: [{ Regex: regex, Replace: replace }] };
  return type === 'url-rewrite'
    ? { Type: type, UrlRewriteConfig: config }
    : { Type: type, HostHeaderRewriteConfig: config };
}
