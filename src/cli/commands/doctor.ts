import { Command } from 'commander';
import { findingsOf } from '../doctor/findings.ts';
import { formatFindings } from '../doctor/format.ts';
import { probeMachine } from '../doctor/probes.ts';
import { homeAt } from '../home.ts';
import { homeOption } from './options.ts';

const NOTES = `
Exit code 1 when something that Longshore needs is missing or broken; warnings alone are 0.`;

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Check this machine: Docker, HAProxy, nftables, ports, disk; and say how to mend what is wrong.')
    .addOption(homeOption())
    .option('--json', 'as one JSON document')
    .addHelpText('after', NOTES)
    .action(async (options: { home?: string; json?: boolean }) => {
      const findings = findingsOf(await probeMachine(homeAt(options.home)));
      process.stdout.write(`${options.json ? JSON.stringify(findings, null, 2) : formatFindings(findings)}\n`);
      if (findings.some((finding) => finding.level === 'broken')) process.exitCode = 1;
    });
}
