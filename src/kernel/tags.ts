/** Tags as every service keeps them in its rows; each service's view gives them its own member names. */
export type Tags = Readonly<Record<string, string>>;

export type TagProblem = {
  readonly kind: 'key' | 'value' | 'count' | 'reserved' | 'duplicate';
  readonly message: string;
};

const MAX_TAGS = 50;
const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** The rules that AWS documents for tags on every resource; answers the first that is broken. */
export function checkTags(tags: Tags): TagProblem | undefined {
  const entries = Object.entries(tags);
  if (entries.length > MAX_TAGS) return { kind: 'count', message: `Too many tags: at most ${MAX_TAGS} are allowed.` };
  for (const [key, value] of entries) {
    if (key.length < 1 || key.length > 128 || !ALLOWED.test(key)) {
      return { kind: 'key', message: `Tag key '${key}' is not valid: 1 to 128 letters, digits, spaces and _.:/=+-@` };
    }
    if (value.length > 256 || !ALLOWED.test(value)) {
      return {
        kind: 'value',
        message: `The value of tag '${key}' is not valid: up to 256 letters, digits, spaces and _.:/=+-@`,
      };
    }
    if (key.toLowerCase().startsWith('aws:')) {
      return { kind: 'reserved', message: `Tag key '${key}' is reserved: the prefix aws: is for AWS use.` };
    }
  }
  return undefined;
}
