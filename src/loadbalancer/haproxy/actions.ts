import type { Rule, RuleAction } from '../load-balancer.ts';
import { acl } from './conditions.ts';
import { htmlPage } from './error-pages.ts';
import type { SideFiles } from './rendered.ts';
import { digest, identifier, literal, word } from './text.ts';

type Redirect = Extract<RuleAction, { type: 'redirect' }>;
type FixedResponse = Extract<RuleAction, { type: 'fixed-response' }>;
type Forward = Extract<RuleAction, { type: 'forward' }>;

/** Which section takes a target group's requests when it has healthy targets, and which when it has none. */
export interface GroupSections {
  readonly healthy: string;
  readonly open: string;
}

export interface RuleSurroundings {
  readonly files: SideFiles;
  readonly edgePorts: { readonly http: number; readonly https: number };
  /** Undefined for a group with no target that may get requests. */
  readonly sectionsOf: (targetGroupId: string) => GroupSections | undefined;
}

/**
 * Finds the rule of a request. HAProxy runs all `http-request` lines before any `use_backend`, so the first rule that
 * matches is written down in txn.rule, and everything after looks only there.
 */
export function matchLines(rules: readonly Rule[]): readonly string[] {
  return rules.map(matchLine);
}

/** Ends the request of a rule that redirects or answers itself. */
export function answerLines(rules: readonly Rule[], around: RuleSurroundings): readonly string[] {
  return rules.flatMap(({ action, ruleId }) => {
    if (action.type === 'redirect') return redirectLines(action, chosen(ruleId), around);
    return action.type === 'fixed-response' ? [fixedResponseLine(action, chosen(ruleId), around.files)] : [];
  });
}

/** Sends the request of a rule to a target group. Without a usable target no line matches, and the listener's 503 answers. */
export function forwardLines(rules: readonly Rule[], around: RuleSurroundings): readonly string[] {
  const forwards = rules.flatMap(({ action, ruleId }) => (action.type === 'forward' ? [{ action, ruleId }] : []));
  const groups = new Set(forwards.flatMap(({ action }) => action.targets.map((target) => target.targetGroupId)));
  const sections = [...groups].flatMap((id) => Object.values(around.sectionsOf(id) ?? {}));
  return [
    ...sections.map(usableLine),
    ...forwards.flatMap(({ action, ruleId }) => pickLine(action, ruleId)),
    ...forwards.flatMap(({ action, ruleId }) => backendLines(action, ruleId, around)),
  ];
}

function matchLine(rule: Rule): string {
  const conditions = ['!{ var(txn.rule) -m found }', ...rule.conditions.map(acl)];
  return `http-request set-var(txn.rule) str(${identifier(rule.ruleId)}) if ${conditions.join(' ')}`;
}

function chosen(ruleId: string): string {
  return `{ var(txn.rule) -m str ${identifier(ruleId)} }`;
}

/**
 * How many servers of a section are usable. A process that has been replaced counts none while it ends its last requests,
 * so it goes by the last number before.
 */
function usableLine(sectionName: string): string {
  return `http-request set-var(${usable(sectionName)}) nbsrv(${sectionName}) unless { stopping }`;
}

function usable(sectionName: string): string {
  return `proc.usable_${digest(sectionName)}`;
}

function pickLine(action: Forward, ruleId: string): readonly string[] {
  const total = action.targets.reduce((sum, target) => sum + target.weight, 0);
  return total > 0 && action.targets.length > 1
    ? [`http-request set-var(txn.pick) rand(${total}) if ${chosen(ruleId)}`]
    : [];
}

function fixedResponseLine(action: FixedResponse, condition: string, files: SideFiles): string {
  const type = `${action.contentType ?? 'text/plain'}; charset=utf-8`;
  const body = action.body ? ` content-type ${word(type)} file ${files.add('body', '.txt', action.body)}` : '';
  return `http-request return status ${action.status}${body} hdr Server awselb/2.0 if ${condition}`;
}

/** Location is `protocol://host:port/path?query`; ALB writes the port even where it is the protocol's own. */
function redirectLines(action: Redirect, condition: string, around: RuleSurroundings): readonly string[] {
  const phrase = action.status === 301 ? 'Moved Permanently' : 'Found';
  const page = around.files.add('redirect', '.html', htmlPage(action.status, phrase));
  const location = `${template(action.protocol.toLowerCase())}://${template(action.host)}:%[var(txn.to_port)]${template(action.path)}%[var(txn.to_query)]`;
  return [
    ...portLines(action, condition, around.edgePorts),
    `http-request set-var(txn.to_path) path,regsub(^/,) if ${condition}`,
    `http-request set-var-fmt(txn.to_query) ${word(template(action.query))} if ${condition}`,
    `http-request set-var-fmt(txn.to_query) '?%[var(txn.to_query)]' if ${condition} { var(txn.to_query) -m len gt 0 }`,
    `http-request return status ${action.status} content-type text/html file ${page} hdr Server awselb/2.0 hdr Location ${word(location)} if ${condition}`,
  ];
}

/** A client of the edge knows the load balancer's 80 and 443 under the host's own ports. */
function portLines(action: Redirect, condition: string, edge: { http: number; https: number }): readonly string[] {
  const set = (value: string, more = '') => `http-request set-var(txn.to_port) ${value} if ${condition}${more}`;
  if (action.port === '#{port}') return [set('dst_port')];
  const port = Number(action.port);
  const edgePort = port === 443 ? edge.https : port === 80 ? edge.http : port;
  return edgePort === port
    ? [set(`int(${port})`)]
    : [set(`int(${port})`), set(`int(${edgePort})`, ' { so_name -m str edge }')];
}

const PLACEHOLDERS: Readonly<Record<string, string>> = {
  protocol: '%[var(txn.proto)]',
  host: '%[var(txn.host)]',
  port: '%[dst_port]',
  path: '%[var(txn.to_path)]',
  query: '%[query]',
};

/** ALB's `#{...}` placeholders as log-format. */
function template(text: string): string {
  return text
    .split(/(#\{[a-z]+\})/)
    .map((part) => PLACEHOLDERS[part.slice(2, -1)] ?? literal(part))
    .join('');
}

function backendLines({ targets }: Forward, ruleId: string, around: RuleSurroundings): readonly string[] {
  let from = 0;
  return targets.flatMap((target) => {
    const pick = targets.length > 1 ? ` { var(txn.pick) -m int ${from}:${from + target.weight - 1} }` : '';
    from += target.weight;
    const sections = around.sectionsOf(target.targetGroupId);
    if (!sections || target.weight === 0) return [];
    return [
      `use_backend ${sections.healthy} if ${chosen(ruleId)}${pick} !{ var(${usable(sections.healthy)}) -m int eq 0 }`,
      `use_backend ${sections.open} if ${chosen(ruleId)}${pick} !{ var(${usable(sections.open)}) -m int eq 0 }`,
    ];
  });
}
