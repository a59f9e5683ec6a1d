import type { ListenerRoutes, Rule, RuleAction, TargetGroupState } from '../load-balancer.ts';
import { acl } from './conditions.ts';
import { leastOf, routingMinimum } from './minimum.ts';
import { protocolVersionLines } from './protocol-versions.ts';
import { groupSections, sectionNames } from './sections.ts';
import { zoneWords } from './zones.ts';
import { htmlPage } from './error-pages.ts';
import type { SideFiles } from './rendered.ts';
import { digest, identifier, literal, word } from './text.ts';
import { choiceLines, stickyGroupLines } from './weights.ts';

type Redirect = Extract<RuleAction, { type: 'redirect' }>;
type FixedResponse = Extract<RuleAction, { type: 'fixed-response' }>;

export interface RuleSurroundings {
  readonly listener: Pick<ListenerRoutes, 'protocol' | 'options'>;
  readonly files: SideFiles;
  readonly edgePorts: { readonly http: number; readonly https: number };
  /** The target groups that requests of the load balancer may go to. */
  readonly groups: readonly TargetGroupState[];
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

/**
 * Sends the request of a rule to a target group: the one that is chosen is in txn.tg. Without a usable target no line
 * matches, and the listener's 503 answers.
 */
export function forwardLines(rules: readonly Rule[], around: RuleSurroundings): readonly string[] {
  const forwards = rules.flatMap(({ action, ruleId }) => (action.type === 'forward' ? [{ action, ruleId }] : []));
  return [
    ...forwards.flatMap(({ action, ruleId }) => choiceLines(action, ruleId, around.files)),
    ...(forwards.length > 0 ? protocolVersionLines(around.listener, around.groups) : []),
    ...(forwards.length > 0 ? around.groups.flatMap(usableLines) : []),
    ...(forwards.length > 0 ? around.groups.flatMap((group) => backendLines(group, around.files)) : []),
    ...stickyGroupLines(forwards.map(({ action }) => action)),
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
 * How many servers of a group's sections are usable. A process that has been replaced counts none while it ends its last
 * requests, so it goes by the last number before. All threads share these variables: only a new number is written.
 */
function usableLines(group: TargetGroupState): readonly string[] {
  return sectionNames(group).map(
    (section) =>
      `http-request set-var(${usable(section)}) nbsrv(${section}) if ${choice(group.targetGroupId)} !{ stopping } !{ nbsrv(${section}),sub(${usable(section)}) -m int eq 0 }`,
  );
}

function backendLines(group: TargetGroupState, files: SideFiles): readonly string[] {
  return groupSections(group).flatMap((sections) => {
    const chosen = `${choice(group.targetGroupId)}${zoneWords(sections)}`;
    const use = (section: string, missed: string) => `use_backend ${section} if ${chosen} !${missed}`;
    // Its requests wait for a healthy target there.
    if (group.holdMs !== undefined) return [`use_backend ${sections.healthy} if ${chosen}`];
    const least = leastOf(routingMinimum(group), group, sections, files);
    return [
      ...(least.set === undefined ? [] : [`http-request ${least.set} if ${choice(group.targetGroupId)}`]),
      use(sections.healthy, least.missed(`var(${usable(sections.healthy)})`)),
      use(sections.open, `{ var(${usable(sections.open)}) -m int lt 1 }`),
    ];
  });
}

function choice(groupId: string): string {
  return `{ var(txn.tg) -m str ${identifier(groupId)} }`;
}

function usable(sectionName: string): string {
  return `proc.usable_${digest(sectionName)}`;
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
  const location = `${template(action.protocol.toLowerCase())}://${template(action.host)}:%[var(txn.to_port)]${template(action.path)}${action.query === '' ? '' : '%[var(txn.to_query)]'}`;
  return [
    ...portLines(action, condition, around.edgePorts),
    `http-request set-var(txn.to_path) path,regsub(^/,) if ${condition}`,
    ...queryLines(action, condition),
    `http-request return status ${action.status} content-type text/html file ${page} hdr Server awselb/2.0 hdr Location ${word(location)} if ${condition}`,
  ];
}

/** None for no query at all: HAProxy does not survive an empty format. */
function queryLines({ query }: Redirect, condition: string): readonly string[] {
  if (query === '') return [];
  return [
    `http-request set-var-fmt(txn.to_query) ${word(template(query))} if ${condition}`,
    `http-request set-var-fmt(txn.to_query) '?%[var(txn.to_query)]' if ${condition} { var(txn.to_query) -m len gt 0 }`,
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

const PLACEHOLDERS: ReadonlyMap<string, string> = new Map([
  ['#{protocol}', '%[var(txn.proto)]'],
  ['#{host}', '%[var(txn.host)]'],
  ['#{port}', '%[dst_port]'],
  ['#{path}', '%[var(txn.to_path)]'],
  ['#{query}', '%[query]'],
]);

/** ALB's `#{...}` placeholders as log-format. */
function template(text: string): string {
  return text
    .split(/(#\{[a-z]+\})/)
    .map((part) => PLACEHOLDERS.get(part) ?? literal(part))
    .join('');
}
