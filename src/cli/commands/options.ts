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
