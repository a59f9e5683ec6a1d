/**
 * An environment file as ECS reads it, like docker's `--env-file`: a variable a line, `#` at the beginning of a line
 * makes a comment, and quotes and blanks after `=` belong to the value. Lines without `=` say nothing.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html
 */
export function parseEnvironmentFile(text: string): Readonly<Record<string, string>> {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  return Object.fromEntries(lines.flatMap((line) => variableIn(line.trimStart())));
}

function variableIn(line: string): readonly (readonly [string, string])[] {
  const equals = line.indexOf('=');
  return line.startsWith('#') || equals < 1 ? [] : [[line.slice(0, equals), line.slice(equals + 1)]];
}
