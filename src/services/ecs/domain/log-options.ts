import { LinearRegex, RegexProblem } from '../../../kernel/linear-regex.ts';

/** How an awslogs container's lines are carried: the members `mode` and `multiline` of the executor's LogDestination. */
export interface LogDelivery {
  readonly mode: { readonly kind: 'blocking' } | { readonly kind: 'non-blocking'; readonly maxBufferBytes: number };
  readonly multiline?: { readonly pattern: string };
}

/** What ECS takes besides `awslogs-group` and the like, which this file does not look at. */
export const DELIVERY_OPTIONS = ['mode', 'max-buffer-size', 'awslogs-datetime-format', 'awslogs-multiline-pattern'];

const DEFAULT_BUFFER = '10m';
const UNITS = ['', 'k', 'm', 'g', 't', 'p'];

/** As Docker's awslogs driver reads strftime's letters. */
const DATETIME: Readonly<Record<string, string>> = {
  a: '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)',
  A: '(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)',
  w: '[0-6]',
  d: '(?:0[1-9]|[1,2][0-9]|3[0,1])',
  b: '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)',
  B: '(?:January|February|March|April|May|June|July|August|September|October|November|December)',
  m: '(?:0[1-9]|1[0-2])',
  Y: '\\d{4}',
  y: '\\d{2}',
  H: '(?:[0,1][0-9]|2[0-3])',
  I: '(?:0[0-9]|1[0-2])',
  p: '[A,P]M',
  M: '[0-5][0-9]',
  S: '[0-5][0-9]',
  f: '\\d{6}',
  z: '[+-]\\d{4}',
  Z: '[A-Z]{1,4}T',
  j: '(?:0[0-9][1-9]|[1,2][0-9][0-9]|3[0-5][0-9]|36[0-6])',
  L: '\\.\\d{3}',
};

/**
 * Checks the options of an awslogs `logConfiguration` that are about delivery, in Docker's words. Where they name no mode,
 * the account setting `defaultLogDriverMode` does: non-blocking with 10 MiB, unless it was put otherwise.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html
 * https://docs.docker.com/engine/logging/drivers/awslogs/
 */
export function logDelivery(
  options: Readonly<Record<string, string>>,
  defaultMode: 'blocking' | 'non-blocking' = 'non-blocking',
): LogDelivery | { readonly problem: string } {
  const mode = modeOf(options, defaultMode);
  if ('problem' in mode) return mode;
  const pattern = patternOf(options);
  if (pattern === undefined) return { mode };
  return typeof pattern === 'string' ? { mode, multiline: { pattern } } : pattern;
}

function modeOf(
  options: Readonly<Record<string, string>>,
  defaultMode: 'blocking' | 'non-blocking',
): LogDelivery['mode'] | { readonly problem: string } {
  const { mode = '', 'max-buffer-size': size } = options;
  if (!['', 'blocking', 'non-blocking'].includes(mode))
    return { problem: `logger: logging mode not supported: ${mode}` };
  if (mode === 'blocking') {
    if (size !== undefined) {
      return { problem: `logger: max-buffer-size option is only supported with 'mode=non-blocking'` };
    }
    return { kind: 'blocking' };
  }
  const maxBufferBytes = bytesOf(size ?? DEFAULT_BUFFER);
  if (maxBufferBytes === undefined) {
    return { problem: `error parsing option max-buffer-size: invalid size: '${size}'` };
  }
  // The definition's buffer size does not outweigh the account's wish for blocking: it is of no use then.
  if (mode === '' && defaultMode === 'blocking') return { kind: 'blocking' };
  return { kind: 'non-blocking', maxBufferBytes };
}

/** `25m`, `1.5 GiB`, `4096`: units of 1024. */
function bytesOf(text: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([kmgtp]?)i?b?$/i.exec(text) ?? [];
  return number === '' ? undefined : Math.floor(Number(number) * 1024 ** UNITS.indexOf(unit.toLowerCase()));
}

function patternOf(options: Readonly<Record<string, string>>): string | undefined | { readonly problem: string } {
  const { 'awslogs-datetime-format': format, 'awslogs-multiline-pattern': given } = options;
  if (format !== undefined && given !== undefined) {
    return {
      problem: `you cannot configure log opt 'awslogs-datetime-format' and 'awslogs-multiline-pattern' at the same time`,
    };
  }
  const pattern = format?.replaceAll(/%(.)/g, (_, letter: string) => DATETIME[letter] ?? '') ?? given;
  if (pattern === undefined) return undefined;
  try {
    void new LinearRegex(pattern);
    return pattern;
  } catch (error) {
    if (!(error instanceof RegexProblem)) throw error;
    return {
      problem: `awslogs could not parse multiline pattern key "${pattern}": error parsing regexp: ${error.message}`,
    };
  }
}
