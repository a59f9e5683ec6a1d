import type { Shape, StructureShape, Target } from './schema.ts';

/** What CloudTrail writes for a value that it must not show. */
export const HIDDEN = 'HIDDEN_DUE_TO_SECURITY_REASONS';

/**
 * A copy of an operation's input or output in which every member that the model marks `sensitive` is replaced, and which
 * no longer changes with the original. Blobs and streams are left out: an audit trail tells what was done, not bytes.
 */
export function redact(shape: StructureShape | undefined, value: object): object {
  return shape ? (copy({ shape, traits: {} }, value) as object) : {};
}

function copy({ shape, traits }: Target, value: unknown): unknown {
  if (value === undefined || value === null) return value;
  if (traits['sensitive'] !== undefined || shape.sensitive) return HIDDEN;
  if (shape.kind === 'list') {
    return Array.isArray(value) ? value.map((each) => copy(shape.element, each)) : undefined;
  }
  if (shape.kind === 'map') return copyEntries(value, () => shape.value);
  if (shape.kind !== 'structure') return scalar(shape, traits, value);
  const members = new Map(shape.members.map((member) => [member.name, member]));
  return copyEntries(value, (name) => members.get(name));
}

function copyEntries(value: unknown, targetOf: (name: string) => Target | undefined): object {
  // Not by assignment: a map's key may be `__proto__`.
  return Object.fromEntries(
    Object.entries(value as object).flatMap(([name, each]) => {
      const target = targetOf(name);
      const shown = target && copy(target, each);
      return shown === undefined ? [] : [[name, shown]];
    }),
  );
}

function scalar(shape: Shape, traits: Target['traits'], value: unknown): unknown {
  return shape.kind === 'blob' || traits['streaming'] !== undefined ? undefined : value;
}
