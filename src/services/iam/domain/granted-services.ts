import { compilePolicy } from '../../../policy/compile.ts';
import { actionsOf } from '../../../policy/facts/facts.ts';
import type { CompiledStatement } from '../../../policy/model.ts';

/** How much of a service's actions a statement is about. */
type Coverage = 'none' | 'some' | 'all';

/** A statement with the patterns of its Action or NotAction by service. */
interface Patterns {
  readonly statement: CompiledStatement;
  /** The names, in lower case, by prefix: `{ ecs: ['describe*'] }`. */
  readonly named: ReadonlyMap<string, readonly string[]>;
  /** Patterns whose prefix has wildcards; `*` is one. */
  readonly wild: readonly { readonly takesIn: (prefix: string) => boolean; readonly name: string }[];
}

/**
 * The services in which permissions policies let anything be done: what service last accessed data goes by. Resources and
 * conditions do not count, but for denials, of which only those of everything count.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
 * @param services prefixes, e.g. `ecs`
 */
export async function grantedServices(documents: readonly string[], services: readonly string[]): Promise<string[]> {
  const statements = documents.flatMap((text) => compilePolicy(text).statements);
  const allows = statements.filter(({ effect }) => effect === 'Allow').map(patternsOf);
  const denies = statements.filter(deniesEverywhere).map(patternsOf);
  const granted = await Promise.all(services.map((service) => isGranted(service, allows, denies)));
  return services.filter((_, index) => granted[index]);
}

async function isGranted(service: string, allows: readonly Patterns[], denies: readonly Patterns[]): Promise<boolean> {
  const allowing = allows.filter((one) => coverage(one, service) !== 'none');
  if (allowing.length === 0) return false;
  const denying = denies.filter((one) => coverage(one, service) !== 'none');
  if (denying.length === 0) return true;
  // Some actions are denied: only here it matters which there are.
  const actions = await actionsOf(service);
  return actions.some((action) => covers(allowing, action) && !covers(denying, action));
}

function covers(patterns: readonly Patterns[], action: string): boolean {
  return patterns.some(({ statement }) => statement.coversAction(action.toLowerCase()));
}

function deniesEverywhere({ effect, conditions, source }: CompiledStatement): boolean {
  return effect === 'Deny' && conditions.length === 0 && source.resources?.values.includes('*') === true;
}

/** By the patterns alone, so that nothing need be known of the service. */
function coverage({ statement, named, wild }: Patterns, service: string): Coverage {
  const prefix = service.toLowerCase();
  const names = [...(named.get(prefix) ?? []), ...wild.filter((one) => one.takesIn(prefix)).map((one) => one.name)];
  const listed = names.includes('*') ? 'all' : names.length > 0 ? 'some' : 'none';
  if (!statement.source.actions.negated) return listed;
  return listed === 'all' ? 'none' : listed === 'none' ? 'all' : 'some';
}

function patternsOf(statement: CompiledStatement): Patterns {
  const named = new Map<string, string[]>();
  const wild: { takesIn: (prefix: string) => boolean; name: string }[] = [];
  for (const pattern of statement.source.actions.values) {
    const [prefix = '', name = '*'] = pattern.toLowerCase().split(':');
    if (/[*?]/.test(prefix)) wild.push({ takesIn: globOf(prefix), name });
    else named.set(prefix, [...(named.get(prefix) ?? []), name]);
  }
  return { statement, named, wild };
}

function globOf(pattern: string): (text: string) => boolean {
  const expression = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
  return (text) => expression.test(text);
}
