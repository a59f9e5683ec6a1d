import { median, quantile } from './measure.ts';

export interface Row {
  readonly what: string;
  readonly samples: readonly number[];
  /** What this row is compared with: the ratio of the medians. */
  readonly against?: readonly number[];
}

const HEADER = ['', 'median', 'p90', 'min - max', 'n', 'ratio'];

/** Prints one table as Markdown. Every cell of numbers is in `unit`. */
export function printTable(title: string, unit: string, rows: readonly Row[]): void {
  const cells = rows.map(({ what, samples, against }) => [
    what,
    amount(median(samples)),
    amount(quantile(samples, 0.9)),
    `${amount(Math.min(...samples))} - ${amount(Math.max(...samples))}`,
    String(samples.length),
    against ? `${(median(samples) / median(against)).toFixed(2)}x` : '',
  ]);
  const header = [`${title} (${unit})`, ...HEADER.slice(1)];
  const widths = header.map((name, column) =>
    Math.max(3, name.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => '-'.repeat(width - (column === 0 ? 0 : 1)) + (column === 0 ? '' : ':')).join(' | ')} |`;
  process.stdout.write(`\n${[line(header), rule, ...cells.map(line)].join('\n')}\n`);
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function amount(value: number): string {
  if (!Number.isFinite(value)) return '-';
  return value >= 100 ? String(Math.round(value)) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
