import {
  OTHER_ACCOUNT,
  type Case,
  FEDERATED_USER,
  type PolicyJson,
  ROLE,
  ROLE_SESSION,
  ROOT,
  type StatementJson,
  USER,
} from './testing-cases.ts';
import { theirs } from './testing-oracle.ts';

/**
 * Where iam-simulate and AWS's documentation part. Each says in a form in which both agree what the documentation says
 * of one case: only then the decisions are compared. docs/policy-differences.md explains them one by one.
 */
interface Difference {
  readonly name: string;
  readonly rewrite: (one: Case) => Case | Promise<Case>;
}

type Block = NonNullable<StatementJson['Condition']>;
type Values = string | readonly string[];

/** One operator on one key. */
interface Clause {
  readonly set: string;
  /** Without qualifiers. */
  readonly base: string;
  readonly ifExists: boolean;
  readonly key: string;
  readonly values: readonly string[];
}

const listOf = (values: unknown): string[] => [values].flat() as string[];
const isNegated = ({ base }: Clause) => base.includes('Not');

function mapStatements(one: Case, change: (statement: StatementJson, policy: PolicyJson) => StatementJson): Case {
  const policy = <T extends PolicyJson | undefined>(of: T) =>
    of && { ...of, Statement: of.Statement.map((statement) => change(statement, of)) };
  return {
    ...one,
    identity: one.identity.map(policy),
    ...(one.resourcePolicy && { resourcePolicy: policy(one.resourcePolicy) }),
    ...(one.boundary && { boundary: policy(one.boundary) }),
    ...(one.session && { session: policy(one.session) }),
  };
}

/** What a clause becomes: itself changed, true, or false. */
type Change = (clause: Clause, one: Case) => Clause | boolean;

/** Never met, whatever the request. */
const NEVER: Block = { 'ForAnyValue:StringEquals': { 'aws:PrincipalOrgPaths': 'never' } };

function mapClauses(one: Case, change: Change): Case {
  return mapStatements(one, (statement) => {
    if (!statement.Condition) return statement;
    const blocks = Object.entries(statement.Condition).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => changeClause(operator, key, values, change, one)),
    );
    const { Condition: _, ...rest } = statement;
    const merged: Record<string, Record<string, Values>> = {};
    for (const [operator, keys] of blocks.flatMap((block) => Object.entries(block ?? {}))) {
      // Two clauses that became one operator on one key stay two: an operator's case says nothing.
      const taken = Object.keys(keys).some((key) => merged[operator]?.[key] !== undefined);
      const name = taken ? operator.toLowerCase() : operator;
      merged[name] = { ...merged[name], ...keys };
    }
    return { ...rest, ...(Object.keys(merged).length > 0 && { Condition: merged }) };
  });
}

function changeClause(operator: string, key: string, values: Values, change: Change, one: Case): Block | undefined {
  const [, set = '', base = '', ifExists] = /^(For\w+:)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  const before = { set, base, ifExists: ifExists !== undefined, key, values: listOf(values) };
  const after = change(before, one);
  if (after === before) return { [operator]: { [key]: values } };
  if (typeof after === 'boolean') return after ? undefined : NEVER;
  return { [`${after.set}${after.base}${after.ifExists ? 'IfExists' : ''}`]: { [key]: after.values } };
}

/** The value of a variable: undefined where it has none. */
function variable(inside: string, one: Case): string | undefined {
  const [, key = '', fallback] = /^([^,]*)(?:, '(.*)')?$/.exec(inside) ?? [];
  const value = one.context[key];
  return typeof value === 'string' && value !== '' ? value : fallback;
}

const VARIABLE = /\$\{([^}]*)\}/g;
const hasVariableWithoutValue = (text: string, one: Case) =>
  [...text.matchAll(VARIABLE)].some(
    ([, inside = '']) => !/^[*?$]$/.test(inside) && variable(inside, one) === undefined,
  );

/** What a Resource means by the documentation, as a regular expression; undefined where a variable has no value. */
function documentedResource(pattern: string, one: Case): RegExp | undefined {
  if (hasVariableWithoutValue(pattern, one)) return undefined;
  const literals: string[] = [];
  const keep = (text: string) => `\ue000${literals.push(text) - 1}\ue000`;
  const marked = pattern.replace(VARIABLE, (_, inside: string) =>
    keep(/^[*?$]$/.test(inside) ? inside : (variable(inside, one) ?? '')),
  );
  const [head, rest] = [marked.split(':').slice(0, 5), marked.split(':').slice(5)];
  const within = head.map((segment) => segment.replace(/\*(?!$)/g, '\ue001').replace(/\?/g, '\ue002'));
  const full = [
    ...within,
    ...Array.from({ length: 5 - head.length }, () => '*'),
    rest.length > 0 ? rest.join(':') : '*',
  ];
  const escaped = full.join(':').replace(/[.+^${}()|[\]\\]/g, '\\$&');
  const source = escaped
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
    .replaceAll('\ue001', '[^:]*')
    .replaceAll('\ue002', '[^:]')
    .replace(/\ue000(\d+)\ue000/g, (_, index: string) =>
      (literals[Number(index)] ?? '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
    );
  return new RegExp(`^${source}$`, 's');
}

function mapResources(
  one: Case,
  change: (pattern: string) => string,
  elements: readonly string[] = ['Resource', 'NotResource'],
): Case {
  return mapStatements(one, (statement) => {
    const changed = elements.flatMap((element) => {
      const before = listOf(statement[element] ?? []);
      const after = before.map(change);
      return after.every((pattern, index) => pattern === before[index]) ? [] : [[element, after]];
    });
    return { ...statement, ...Object.fromEntries(changed) } as StatementJson;
  });
}

/** A short ARN with all its segments. */
function padded(pattern: string): string {
  const segments = pattern.split(':');
  return pattern === '*' || segments.length >= 6 ? pattern : [...segments, '*', '*', '*'].slice(0, 6).join(':');
}

/** In place of a pattern that matches this request, or does not. */
function verdict(pattern: string, one: Case): string {
  return documentedResource(pattern, one)?.test(one.resource) ? one.resource : NO_RESOURCE;
}

/** With anything in place of the variables that have no value. */
function couldMatch(pattern: string, one: Case): boolean {
  const open = pattern.replace(VARIABLE, (text) => (hasVariableWithoutValue(text, one) ? '*' : text));
  return documentedResource(open, one)?.test(one.resource) ?? false;
}

const NO_RESOURCE = 'arn:aws:s3:::matches-nothing';
const isSameAccount = (one: Case) => one.resourceAccount !== OTHER_ACCOUNT;
const DENIES_ALL: PolicyJson = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:GetBucketLogging', Resource: NO_RESOURCE }],
};
const ALLOW_ALL: StatementJson = { Effect: 'Allow', Action: '*', Resource: '*' };

/** Whether the resource's policy grants it to the principal itself, not to the role or the user behind it. */
async function isGrantedDirectly(one: Case): Promise<boolean> {
  if (!one.resourcePolicy || !isSameAccount(one)) return false;
  const behind = one.principal === ROLE_SESSION ? ROLE : USER;
  const { session: _, boundary: __, ...rest } = one;
  const withoutBehind = mapStatements({ ...rest, identity: [] }, (statement) => {
    const principal = statement['Principal'] as { AWS?: unknown } | undefined;
    if (typeof principal !== 'object' || principal.AWS === undefined) return statement;
    const names = listOf(principal.AWS).filter((name) => name !== behind);
    return { ...statement, Principal: { ...principal, AWS: names.length > 0 ? names : OTHER_ACCOUNT } };
  });
  return (await theirs(withoutBehind)) === 'allowed';
}

const isNumber = (text: string) => /^[+-]?\d+(\.\d+)?$/.test(text);
const isDate = (text: string) => /^\d+$/.test(text) || !Number.isNaN(Date.parse(text));
const isArn = (text: string) => text.split(':').length >= 6;
const isAddress = (text: string) => /^[0-9a-f.:/]+$/i.test(text);
const isoDate = (text: string) => (/^\d+$/.test(text) ? new Date(Number(text) * 1000).toISOString() : text);
/** The one spelling of it that a URL has. */
const spelling = (text: string) => (text.includes(':') ? new URL(`http://[${text}]`).hostname.slice(1, -1) : text);

/** A value that is not of the operator's type equals nothing, so a negated operator matches it. */
function ofOtherType(base: string, isOfType: (text: string) => boolean, other: string): Change {
  const equals = base.endsWith('IpAddress') ? base : `${base}Equals`;
  return (clause, one) => {
    const value = one.context[clause.key];
    if (!clause.base.startsWith(base) || typeof value !== 'string') return clause;
    if (!isOfType(value)) return isNegated(clause);
    if (isNegated(clause)) return changeValues(clause, (text) => (isOfType(text) ? text : other));
    const values = clause.values.filter(isOfType);
    if (values.length === clause.values.length) return clause;
    return values.length > 0 ? { ...clause, values } : { ...clause, base: equals, values: [other] };
  };
}

function changeValues(clause: Clause, change: (text: string) => string): Clause {
  const values = clause.values.map(change);
  return values.every((text, index) => text === clause.values[index]) ? clause : { ...clause, values };
}

/** The operators whose wildcards are no wildcards. */
const isEquality = ({ base }: Clause) => /^String(Not)?Equals/.test(base);

export const DIFFERENCES: readonly Difference[] = [
  {
    name: 'variables-of-2008',
    rewrite: (one) => {
      const plain = (of: unknown): unknown => JSON.parse(JSON.stringify(of).replaceAll('${', '%{'));
      return mapStatements(one, (statement, { Version }) =>
        Version === '2008-10-17' ? (plain(statement) as StatementJson) : statement,
      );
    },
  },
  {
    name: 'special-characters-in-equality',
    rewrite: (one) =>
      mapClauses(one, (clause) =>
        isEquality(clause) ? changeValues(clause, (text) => text.replace(/\$\{([*?$])\}/g, '$1')) : clause,
      ),
  },
  {
    name: 'variable-without-value-negated',
    rewrite: (one) =>
      mapClauses(one, (clause) =>
        isNegated(clause)
          ? changeValues(clause, (text) => (hasVariableWithoutValue(text, one) ? 'arn:no:such:value:in:it' : text))
          : clause,
      ),
  },
  {
    name: 'empty-value-of-a-set',
    rewrite: (one) =>
      mapClauses(one, (clause) => {
        const value = one.context[clause.key];
        const isNothing = clause.set !== '' && value !== undefined && listOf(value).every((text) => text === '');
        return isNothing ? clause.set === 'ForAllValues:' : clause;
      }),
  },
  {
    name: 'any-value-if-exists',
    rewrite: (one) =>
      mapClauses(one, (clause) =>
        clause.set === 'ForAnyValue:' && clause.ifExists && one.context[clause.key] === undefined ? true : clause,
      ),
  },
  { name: 'not-a-number', rewrite: (one) => mapClauses(one, ofOtherType('Numeric', isNumber, '-987654321')) },
  { name: 'not-a-date', rewrite: (one) => mapClauses(one, ofOtherType('Date', isDate, '1970-01-01T00:00:01Z')) },
  { name: 'not-an-arn', rewrite: (one) => mapClauses(one, ofOtherType('Arn', isArn, 'arn:no:such:value:in:it')) },
  {
    name: 'not-an-address',
    rewrite: (one) => {
      const change = ofOtherType('IpAddress', isAddress, '192.0.2.255/32');
      const changeNot = ofOtherType('NotIpAddress', isAddress, '192.0.2.255/32');
      return mapClauses(mapClauses(one, change), changeNot);
    },
  },
  {
    name: 'seconds-since-the-epoch',
    rewrite: (one) => {
      const value = one.context['aws:CurrentTime'];
      const context = typeof value === 'string' ? { ...one.context, 'aws:CurrentTime': isoDate(value) } : one.context;
      return mapClauses({ ...one, context }, (clause) =>
        clause.base.startsWith('Date') ? changeValues(clause, isoDate) : clause,
      );
    },
  },
  {
    name: 'address-without-prefix',
    rewrite: (one) =>
      mapClauses(one, (clause) =>
        clause.base.endsWith('IpAddress')
          ? changeValues(clause, (text) =>
              text.includes('/') ? text : `${spelling(text)}/${text.includes(':') ? 128 : 32}`,
            )
          : clause,
      ),
  },
  {
    name: 'short-arn-in-not-resource',
    rewrite: (one) => mapResources(one, padded, ['NotResource']),
  },
  {
    name: 'not-resource-with-variable-without-value',
    rewrite: (one) =>
      mapStatements(one, (statement) => {
        const excepts = (pattern: string) => statement.Effect === 'Allow' && couldMatch(pattern, one);
        const before = listOf(statement['NotResource'] ?? []);
        const after = before.map((pattern) => {
          if (!hasVariableWithoutValue(pattern, one)) return pattern;
          return excepts(pattern) ? one.resource : NO_RESOURCE;
        });
        return String(after) === String(before) ? statement : { ...statement, NotResource: after };
      }),
  },
  {
    name: 'variable-at-the-start-of-the-resource',
    rewrite: (one) =>
      mapResources(one, (pattern) => (/^(?:[^:]*:){5}\$\{/.test(pattern) ? verdict(pattern, one) : pattern)),
  },
  {
    name: 'range-of-all-addresses',
    rewrite: (one) =>
      mapClauses(one, (clause) =>
        clause.values.includes('0.0.0.0/0')
          ? { ...clause, values: [...clause.values.filter((text) => text !== '0.0.0.0/0'), '0.0.0.0/1', '128.0.0.0/1'] }
          : clause,
      ),
  },
  {
    name: 'wildcard-in-resource-type',
    rewrite: (one) =>
      mapResources(one, (pattern) => {
        const [, type] = /^(?:[^:]*:){5}(?:([^/:]*)[/:])?/.exec(pattern) ?? [];
        return /[*?]/.test(type ?? '') ? verdict(pattern, one) : pattern;
      }),
  },
  {
    name: 'wildcard-beyond-a-colon',
    rewrite: (one) => mapResources(one, (pattern) => (isBeyond(pattern, one) ? verdict(pattern, one) : pattern)),
  },
  { name: 'root-user', rewrite: (one) => (one.principal === ROOT ? withAllowAll(one) : one) },
  {
    name: 'not-principal-names-the-principal',
    rewrite: (one) =>
      mapStatements(one, (statement) => {
        const excepted = statement['NotPrincipal'];
        if (excepted === undefined || one.boundary) return statement;
        const { NotPrincipal: _, ...rest } = statement;
        return { ...rest, ...(isNamed(excepted, one) ? { Principal: { AWS: OTHER_ACCOUNT } } : { Principal: '*' }) };
      }),
  },
  {
    name: 'federated-user-without-session-policy',
    rewrite: (one) => (one.principal === FEDERATED_USER && !one.session ? { ...one, session: DENIES_ALL } : one),
  },
  {
    name: 'session-named-by-resource-policy',
    rewrite: async (one) =>
      one.session && (await isGrantedDirectly(one))
        ? { ...one, session: { ...one.session, Statement: [...one.session.Statement, ALLOW_ALL] } }
        : one,
  },
];

/** A `*` at the end of a segment that has to go on beyond its colon for the pattern to match. */
function isBeyond(pattern: string, one: Case): boolean {
  const segments = pattern.split(':').slice(0, 5);
  const actual = one.resource.split(':');
  const stays = segments.every((segment, index) => {
    const source = segment
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    return new RegExp(`^${source}$`).test(actual[index] ?? '');
  });
  return !stays && one.resource !== '*' && (documentedResource(pattern, one)?.test(one.resource) ?? false);
}

function withAllowAll(one: Case): Case {
  return { ...one, identity: [{ Version: '2012-10-17', Statement: [ALLOW_ALL] }] };
}

/** By its own name, or as everybody. */
function isNamed(excepted: unknown, one: Case): boolean {
  if (typeof excepted !== 'object' || excepted === null) return excepted === '*';
  const names = Object.values(excepted).flatMap(listOf);
  const isRootsAccount = one.principal === ROOT && names.includes(ROOT.split(':')[4] ?? '');
  return names.includes('*') || names.includes(one.principal) || isRootsAccount;
}

/**
 * What the simulator is asked instead, and why.
 * @param only the differences to rewrite for
 */
export async function rewrite(
  one: Case,
  only: readonly string[] = DIFFERENCES.map(({ name }) => name),
): Promise<{ readonly rewritten: Case; readonly names: readonly string[] }> {
  let rewritten = one;
  const names: string[] = [];
  for (const difference of DIFFERENCES.filter(({ name }) => only.includes(name))) {
    const next = await difference.rewrite(rewritten);
    if (JSON.stringify(next) !== JSON.stringify(rewritten)) names.push(difference.name);
    rewritten = next;
  }
  return { rewritten, names };
}
