const MAX_NAME = 255;
const MAX_LABEL = 63;

/**
 * A name as Route 53 keeps and answers it: lower case, a final dot, and all but letters, digits, `-` and `_` as octal
 * escapes, so that `*` is `\052`.
 */
export function canonicalName(name: string): string {
  const dotted = name.endsWith('.') ? name : `${name}.`;
  return dotted
    .toLowerCase()
    .replaceAll(/\\[0-7]{3}|[^a-z0-9._-]/g, (part) =>
      part.length === 4 ? part : `\\${part.charCodeAt(0).toString(8).padStart(3, '0')}`,
    );
}

/** The name as DNS speaks of it: escapes undone, no final dot. */
export function plainName(name: string): string {
  return name
    .replace(/\.$/, '')
    .replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** `com.example.www.` of `www.example.com.`: what AWS sorts by. */
export function reversedName(name: string): string {
  return `${name.replace(/\.$/, '').split('.').toReversed().join('.')}.`;
}

/** Whether DNS allows a canonical name: labels of 1 to 63, 255 in all. */
export function isValidName(name: string): boolean {
  const plain = plainName(name);
  const labels = name.replace(/\.$/, '').split('.').map(plainName);
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  const strange = /[^\u0021-\u007e]/.test(plain);
  return plain.length < MAX_NAME && !strange && labels.every((label) => label.length >= 1 && label.length <= MAX_LABEL);
}

/** Whether a canonical name is the zone's own or stands below it. */
export function isInZone(name: string, zoneName: string): boolean {
  return name === zoneName || name.endsWith(`.${zoneName}`);
}
