import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import { run, tryRun } from '../command-line.ts';
import type { Progress } from './session.ts';

const SITE = join(import.meta.dirname, '../../../examples/hello-site');
const MADE = new Set(['node_modules', 'dist', '.astro', 'README.md']);
const HTTPD_IMAGE = 'httpd:2.4';
const DEBIAN_IMAGE = 'longshore/httpd:debian';
const DOCKER_HUB = 'https://registry-1.docker.io/v2/';
const HUB_TIMEOUT_MS = 5000;
const PULL_TIMEOUT_MS = 180_000;

export interface SiteImage {
  /** e.g. `longshore/hello-site:3f2a9c0d1e4b`; the tag is a digest of all that went in. */
  readonly reference: string;
  readonly tag: string;
  readonly base: string;
}

/** Builds the site and its image, or finds that nothing changed since the last time. */
export async function buildSiteImage(progress: Progress, signal: AbortSignal): Promise<SiteImage> {
  const base = await findBase(progress, signal);
  const baseId = await run('docker', ['image', 'inspect', '--format', '{{.Id}}', base], { signal });
  const tag = digestOf([...siteInputs(SITE), baseId.trim()]).slice(0, 12);
  const reference = `longshore/hello-site:${tag}`;
  if (await hasImage(reference, signal)) {
    progress(`unchanged: ${reference}`);
    return { reference, tag, base };
  }
  await buildSite(progress, signal);
  progress('docker build');
  const args = ['build', '--quiet', '--build-arg', `BASE=${base}`, '--tag', reference, SITE];
  await run('docker', args, { signal });
  progress(`${reference} on ${base}`);
  return { reference, tag, base };
}

async function buildSite(progress: Progress, signal: AbortSignal): Promise<void> {
  const options = {
    cwd: SITE,
    signal,
    onLine: progress,
    // The pinned Node comes first: Astro asks for a newer one than the machine may have.
    env: { PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}`, ASTRO_TELEMETRY_DISABLED: '1' },
  };
  const lockStamp = join(SITE, 'node_modules/.setup-stamp');
  const lock = digestOf([readFileSync(join(SITE, 'package-lock.json'), 'utf8')]);
  if (!existsSync(lockStamp) || readFileSync(lockStamp, 'utf8') !== lock) {
    progress('npm ci');
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], options);
    writeFileSync(lockStamp, lock);
  }
  progress('npm run build');
  await run('npm', ['run', 'build'], options);
}

/** httpd:2.4 where Docker Hub answers, else the same server from Debian's package. */
async function findBase(progress: Progress, signal: AbortSignal): Promise<string> {
  for (const image of [HTTPD_IMAGE, DEBIAN_IMAGE]) if (await hasImage(image, signal)) return image;
  if (await dockerHubAnswers()) {
    progress(`docker pull ${HTTPD_IMAGE}`);
    const pull = await tryRun('docker', ['pull', '--quiet', HTTPD_IMAGE], { signal, timeoutMs: PULL_TIMEOUT_MS });
    if (pull.code === 0) return HTTPD_IMAGE;
  }
  progress("Docker Hub does not answer: making a base image from Debian's apache2 (half a minute, once)");
  await run(join(SITE, 'base-from-debian'), [DEBIAN_IMAGE], { signal });
  return DEBIAN_IMAGE;
}

async function dockerHubAnswers(): Promise<boolean> {
  try {
    await fetch(DOCKER_HUB, { signal: AbortSignal.timeout(HUB_TIMEOUT_MS) });
    return true;
  } catch {
    return false;
  }
}

async function hasImage(reference: string, signal: AbortSignal): Promise<boolean> {
  return (await tryRun('docker', ['image', 'inspect', '--format', '{{.Id}}', reference], { signal })).code === 0;
}

/** The path and content of every file that goes in, in a stable order. */
export function siteInputs(folder: string, root = folder): readonly string[] {
  return readdirSync(folder)
    .filter((name) => !MADE.has(name))
    .toSorted()
    .flatMap((name) => {
      const path = join(folder, name);
      return statSync(path).isDirectory() ? siteInputs(path, root) : [relative(root, path), readFileSync(path, 'utf8')];
    });
}

function digestOf(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:${part}`);
  return hash.digest('hex');
}
