import { RuntimeError } from '../../kernel/errors.ts';

/**
 * A line of shell that runs the program with just these words, and `input` as its standard input. In a subshell:
 * even a builtin leaves the shell as it was.
 * @throws RuntimeError rejected for a zero byte, which no word can have
 */
export function scriptOf(words: readonly string[], input?: string): string {
  const program = `( ${words.map(quoted).join(' ')} )`;
  return input === undefined || input === '' ? `${program} </dev/null` : `printf '%s' ${quoted(input)} | ${program}`;
}

function quoted(word: string): string {
  if (word.includes('\0')) throw new RuntimeError('rejected', 'a command cannot have a zero byte');
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
