import { Command } from 'commander';
import { formatBytes } from '../bytes.ts';
import { CliError } from '../cli-error.ts';
import { operatorCall, operatorLines } from '../operator-call.ts';
import { withServer } from '../server-session.ts';
import type { ServerSession } from '../server-session.ts';
import { homeOption } from './options.ts';

const EXAMPLES = `
Examples:
  longshore registry scrub                 read every blob, report damage; exit code 1 if there is any
  longshore registry scrub --quarantine    and let the next push of a damaged layer store it anew
  longshore registry gc --dry-run          what would go, and how many bytes
  longshore registry gc`;

/** What `POST /_longshore/registry/gc` answers. */
interface GcAnswer {
  readonly links: number;
  readonly blobs: number;
  readonly blobBytes: number;
  readonly uploads: number;
  readonly uploadBytes: number;
}

export interface Finding {
  readonly what: string;
  readonly problem: string;
  readonly digest: string;
  readonly detail: string;
  readonly images: readonly {
    readonly repository: string;
    readonly digest: string;
    readonly tags: readonly string[];
  }[];
}

interface Totals {
  readonly blobs: number;
  readonly bytes: number;
  readonly manifests: number;
  readonly findings: number;
}

/** A line of what `POST /_longshore/registry/scrub` answers. */
interface ScrubLine {
  readonly finding?: Finding;
  readonly progress?: Pick<Totals, 'blobs' | 'bytes'>;
  readonly totals?: Totals;
}

interface Options {
  readonly home?: string;
  readonly json?: boolean;
}

export function registryCommand(): Command {
  const scrubCommand = new Command('scrub')
    .description(
      'Read all that the registry stores, and report what is damaged or missing and which images that breaks.',
    )
    .addOption(homeOption())
    .option('--quarantine', 'set damaged blobs aside, so that a push of the same bytes stores them anew')
    .option('--json', 'each finding, and the totals, as a line of JSON')
    .action((options: Options & { quarantine?: boolean }) => withServer(options, (session) => scrub(session, options)));
  const gcCommand = new Command('gc')
    .description('Give back the space of what no image needs, after its grace period. The server does so once an hour.')
    .addOption(homeOption())
    .option('--dry-run', 'only tell what would go')
    .option('--json', 'as one JSON document')
    .action((options: Options & { dryRun?: boolean }) => withServer(options, (session) => gc(session, options)));
  return new Command('registry')
    .description('The image registry: check and clean its storage.')
    .addCommand(scrubCommand)
    .addCommand(gcCommand)
    .addHelpText('after', EXAMPLES);
}

async function gc(session: ServerSession, options: Options & { readonly dryRun?: boolean }): Promise<void> {
  const query = { ...(options.dryRun && { 'dry-run': 'true' }) };
  const went = await operatorCall<GcAnswer>(session, { method: 'POST', path: '/_longshore/registry/gc', query });
  process.stdout.write(options.json ? `${JSON.stringify(went, null, 2)}\n` : formatGc(went, options.dryRun ?? false));
}

export function formatGc(went: GcAnswer, dryRun: boolean): string {
  const bytes = formatBytes(went.blobBytes + went.uploadBytes);
  return (
    `${dryRun ? 'Would give back' : 'Gave back'} ${bytes}: ${went.blobs} blobs and ${went.uploads} uploads, ` +
    `after ${went.links} links of repositories to layers that no image needs.\n` +
    'Layers of no image are kept for a day after their last use, blobs of no repository for an hour.\n'
  );
}

async function scrub(session: ServerSession, options: Options & { readonly quarantine?: boolean }): Promise<void> {
  const query = { ...(options.quarantine && { quarantine: 'true' }) };
  const call = { method: 'POST', path: '/_longshore/registry/scrub', query } as const;
  let totals: Totals | undefined;
  for await (const line of operatorLines<ScrubLine>(session, call)) {
    totals ??= line.totals;
    if (line.progress && process.stderr.isTTY) process.stderr.write(`read ${formatBytes(line.progress.bytes)} ...\n`);
    if (line.progress) continue;
    if (options.json) process.stdout.write(`${JSON.stringify(line)}\n`);
    else if (line.finding) process.stdout.write(formatFinding(line.finding));
  }
  if (!totals) throw new CliError('the server ended before the scrub was whole');
  const { findings, blobs, bytes, manifests } = totals;
  if (!options.json) {
    process.stdout.write(`Read ${blobs} blobs (${formatBytes(bytes)}) and ${manifests} manifests: `);
    process.stdout.write(findings === 0 ? 'all as they were pushed.\n' : `${findings} not as they should be.\n`);
  }
  if (findings > 0) process.exitCode = 1;
}

export function formatFinding({ what, problem, digest, detail, images }: Finding): string {
  const broken = images.map((image) => {
    const names = image.tags.length > 0 ? image.tags.map((tag) => `${image.repository}:${tag}`) : [image.repository];
    return `  breaks ${names.join(', ')} (${image.digest})\n`;
  });
  return `${problem} ${what} ${digest}: ${detail}\n${broken.join('') || '  breaks no image\n'}`;
}
