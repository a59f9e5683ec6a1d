import { isObject } from '../read.ts';

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/** A JSON object in which no name is there twice; undefined for any other text. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return isObject(json) && !hasDuplicateNames(text) ? json : undefined;
  } catch {
    return undefined;
  }
}

/** Of text that is JSON: JSON.parse takes the last of two names, AWS takes neither. */
function hasDuplicateNames(json: string): boolean {
  const objects: (Set<string> | undefined)[] = [];
  let before = '';
  for (const [token] of json.matchAll(TOKEN)) {
    if (token === '{') objects.push(new Set());
    else if (token === '[') objects.push(undefined);
    else if (token === '}' || token === ']') objects.pop();
    else if (token.startsWith('"') && (before === '{' || before === ',')) {
      const names = objects.at(-1);
      const name = JSON.parse(token) as string;
      if (names?.has(name)) return true;
      names?.add(name);
    }
    before = token;
  }
  return false;
}
