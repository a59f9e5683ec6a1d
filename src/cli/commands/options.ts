import { InvalidArgumentError, Option } from 'commander';

export function homeOption(): Option {
  return new Option('--home <dir>', 'data folder (default: ~/.longshore)').env('LONGSHORE_HOME');
}

/** A port number, kept as the text that the server's command line takes. */
export function portText(value: string): string {
  const port = Number(value);
  if (!/^\d+$/.test(value) || port > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return value;
}

export function wholeNumber(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('It takes a whole number.');
  return Number(value);
}

export function regionName(value: string): string {
  if (!/^[a-z]{2,}(-[a-z]+)+-\d+$/.test(value)) throw new InvalidArgumentError('It takes a region, e.g. us-east-1.');
  return value;
}

/** For options that may be given often. */
export function collect<T>(value: T, before: readonly T[] = []): readonly T[] {
  return [...before, value];
}
