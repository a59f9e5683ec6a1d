/**
 * The wildcards of ALB's rules as an anchored regular expression: `*` is any number of characters, `?` exactly one.
 * Everything but letters, digits, `/`, `_` and `-` is written as `\xHH`, so neither PCRE nor HAProxy's parser sees a special character.
 */
export function wildcardRegex(pattern: string): string {
  return `^${wildcardPart(pattern, '.')}$`;
}

/**
 * Matches a whole query string that has this pair, or this value under any key (case is left to the caller).
 * A backslash makes the wildcard after it literal, as in ALB.
 */
export function queryRegex(pair: { readonly key?: string; readonly value: string }): string {
  const value = wildcardPart(pair.value, '[^&]', true);
  const key = pair.key === undefined ? '([^&=]*=)?' : `${wildcardPart(pair.key, '[^&=]', true)}=`;
  return `(^|&)${key}${value}(&|$)`;
}

function wildcardPart(pattern: string, anyCharacter: string, backslashEscapes = false): string {
  let regex = '';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] ?? '';
    const next = pattern[i + 1] ?? '';
    if (backslashEscapes && char === '\\' && (next === '*' || next === '?')) {
      regex += bytesOf(next);
      i++;
    } else if (char === '*') regex += `${anyCharacter}*`;
    else if (char === '?') regex += anyCharacter;
    else regex += bytesOf(char);
  }
  return regex;
}

function bytesOf(char: string): string {
  if (/^[A-Za-z0-9/_-]$/.test(char)) return char;
  return [...Buffer.from(char, 'utf8')].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}
