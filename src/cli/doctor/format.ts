import type { Finding } from './findings.ts';

const MARKS = { good: 'ok  ', warning: 'warn', broken: 'FAIL' };

export function formatFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map((finding) => finding.name.length));
  const lines = findings.flatMap((finding) => [
    `${MARKS[finding.level]}  ${finding.name.padEnd(width)}  ${finding.found}`,
    ...(finding.mend ? [`${' '.repeat(width + 8)}-> ${finding.mend}`] : []),
  ]);
  return [...lines, '', verdict(findings)].join('\n');
}

function verdict(findings: readonly Finding[]): string {
  const broken = findings.filter((finding) => finding.level === 'broken').length;
  const warnings = findings.filter((finding) => finding.level === 'warning').length;
  if (broken > 0) return `${broken} to mend before Longshore can run.`;
  return warnings > 0 ? `Longshore can run; ${warnings} to know about.` : 'Longshore can run.';
}
