import { createHash } from 'node:crypto';
import { RuntimeError } from '../../kernel/errors.ts';

/** Of the 64 words that HAProxy takes in a line, those that are left for values. */
const WORDS_AT_ONCE = 32;

/** One word of a HAProxy configuration, whatever characters it has: single quotes switch off every special meaning. */
export function word(text: string): string {
  // oxlint-disable-next-line no-control-regex -- a line break would start a new directive
  if (/[\u0000-\u001f\u007f]/.test(text)) {
    throw new RuntimeError('rejected', `Text for HAProxy has a control character: ${JSON.stringify(text)}`);
  }
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A regular expression as a value of an anonymous ACL: there a brace alone is the ACL's end, in quotes too. */
export function pattern(regex: string): string {
  return word(regex === '}' ? '[}]' : regex);
}

/** What follows a fetch in an anonymous ACL that wants exactly this text. */
export function isExactly(text: string): string {
  return text === '}' ? `-m reg -- ${word('^[}]$')}` : `-m str -- ${word(text)}`;
}

/** One argument of a converter, inside `word`: double quotes, as HAProxy reads arguments. */
export function argument(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', String.raw`\"`)}"`;
}

/** Plain text inside a log-format string. */
export function literal(text: string): string {
  return text.replaceAll('%', '%%');
}

/** Part of a section's or a server's name. */
export function identifier(text: string): string {
  if (!/^[A-Za-z0-9_.:-]{1,80}$/.test(text)) {
    throw new RuntimeError('rejected', `Not an identifier that HAProxy takes: ${JSON.stringify(text)}`);
  }
  return text;
}

/** HAProxy takes 64 words in a line, so they go into several lines; at most one of them applies. */
export function batches(words: readonly string[]): readonly (readonly string[])[] {
  const count = Math.ceil(words.length / WORDS_AT_ONCE);
  return Array.from({ length: count }, (_, at) => words.slice(at * WORDS_AT_ONCE, (at + 1) * WORDS_AT_ONCE));
}

/** `IP:port`: the name of a server, and its address. */
export function serverName(target: { readonly ip: string; readonly port: number }): string {
  return identifier(`${target.ip}:${target.port}`);
}

/** The first 16 hexadecimal digits of the SHA-256. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** The lines of a section, indented below its title. */
export function section(title: string, lines: readonly string[]): string {
  return [title, ...lines.map((line) => `    ${line}`)].join('\n');
}
