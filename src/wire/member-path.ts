import type { Member, Traits } from './schema.ts';

/** Where in an input something stands: members, list indexes from 0, and map keys. */
export type Path = readonly Step[];
export type Step =
  | { readonly kind: 'member'; readonly member: Pick<Member, 'name' | 'traits'> }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'key'; readonly key: string };

/** How most AWS services name a place in their validation errors: `targets.1.member.id`. */
export function modelPath(path: Path): string {
  return path
    .map((step) => {
      if (step.kind === 'member') return lowerFirst(step.member.name);
      return step.kind === 'index' ? `${step.index + 1}.member` : `${step.key}.member`;
    })
    .join('.');
}

/** How EC2 names a place: as the parameter is written, `Filter.1.Name`. */
export function ec2Path(path: Path): string {
  return path
    .map((step) => {
      if (step.kind === 'member') return ec2Name(step.member);
      return step.kind === 'index' ? String(step.index + 1) : step.key;
    })
    .join('.');
}

/** The name of the member a path ends in, or in whose list or map it ends. */
export function lastMember(path: Path): string {
  return path.findLast((step) => step.kind === 'member')?.member.name ?? '';
}

/** EC2's parameter name of a member: `ec2QueryName ?? Capitalise(xmlName ?? name)`. */
export function ec2Name(member: Pick<Member, 'name' | 'traits'>): string {
  const given = textTrait(member.traits, 'ec2QueryName');
  return given ?? upperFirst(xmlName(member));
}

/** The element (and in awsQuery the parameter) of a member. */
export function xmlName(member: Pick<Member, 'name' | 'traits'>): string {
  return textTrait(member.traits, 'xmlName') ?? member.name;
}

export type Binding = 'label' | 'query' | 'header' | 'prefixHeaders' | 'payload' | 'body';

/** Where a member of a REST operation's input or output stands on the wire. */
export function bindingOf({ traits }: Pick<Member, 'traits'>): Binding {
  if (traits['httpLabel'] !== undefined) return 'label';
  if (traits['httpQuery'] !== undefined) return 'query';
  if (traits['httpHeader'] !== undefined) return 'header';
  if (traits['httpPrefixHeaders'] !== undefined) return 'prefixHeaders';
  return traits['httpPayload'] === undefined ? 'body' : 'payload';
}

/** A trait that is a text; undefined where it is not there. */
export function textTrait(traits: Traits, name: string): string | undefined {
  const value = traits[name];
  return typeof value === 'string' ? value : undefined;
}

export function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
