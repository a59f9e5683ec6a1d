import { Command } from 'commander';
import { formatBytes, formatDollars } from '../bytes.ts';
import { operatorCall } from '../operator-call.ts';
import { withServer } from '../server-session.ts';
import { formatTable } from '../table.ts';
import { homeOption } from './options.ts';

const EXAMPLES = `
Examples:
  longshore usage
  longshore usage --json | jq .savedBytes`;

/** What `GET /_longshore/registry/usage` answers. */
export interface UsageAnswer {
  readonly repositories: readonly {
    readonly account: string;
    readonly region: string;
    readonly name: string;
    readonly images: number;
    readonly blobs: number;
    readonly bytes: number;
    readonly awsDollarsPerMonth: number;
  }[];
  readonly repositoryBytes: number;
  readonly storedBytes: number;
  readonly savedBytes: number;
  readonly unusedBytes: number;
  readonly uploadBytes: number;
  readonly awsDollarsPerMonth: number;
  readonly awsPrice: { readonly dollarsPerGbMonth: number; readonly source: string; readonly asOf: string };
}

interface UsageOptions {
  readonly home?: string;
  readonly json?: boolean;
}

export function usageCommand(): Command {
  return new Command('usage')
    .description('Show what each repository stores, what sharing layers saves, and what AWS would charge for it.')
    .addOption(homeOption())
    .option('--json', 'as one JSON document')
    .addHelpText('after', EXAMPLES)
    .action((options: UsageOptions) =>
      withServer(options, async (session) => {
        const path = '/_longshore/registry/usage';
        const usage = await operatorCall<UsageAnswer>(session, { method: 'GET', path });
        process.stdout.write(options.json ? `${JSON.stringify(usage, null, 2)}\n` : formatUsage(usage));
      }),
    );
}

export function formatUsage(usage: UsageAnswer): string {
  const rows = usage.repositories.map((one) => [
    `${one.account}/${one.region}/${one.name}`,
    String(one.images),
    formatBytes(one.bytes),
    formatDollars(one.awsDollarsPerMonth),
  ]);
  const table = formatTable(['REPOSITORY', 'IMAGES', 'STORED', 'ECR A MONTH'], rows);
  const { awsPrice } = usage;
  const lines = [
    ...(rows.length > 0 ? [table, ''] : ['No repository stores anything.', '']),
    `On disk      ${formatBytes(usage.storedBytes)}, each layer once`,
    `Saved        ${formatBytes(usage.savedBytes)} that repositories share`,
    ...(usage.unusedBytes > 0
      ? [`Unused       ${formatBytes(usage.unusedBytes)} that nothing needs: longshore registry gc`]
      : []),
    ...(usage.uploadBytes > 0 ? [`Uploads      ${formatBytes(usage.uploadBytes)} on their way`] : []),
    `Amazon ECR   ${formatDollars(usage.awsDollarsPerMonth)} a month for the same, at $${awsPrice.dollarsPerGbMonth.toFixed(2)} per GB-month`,
    `             (${awsPrice.source}, ${awsPrice.asOf}, before free tier and transfer)`,
  ];
  return `${lines.join('\n')}\n`;
}
