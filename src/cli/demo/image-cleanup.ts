import { run, tryRun } from '../command-line.ts';

/** Removes the names under which the docker engine keeps this repository's images, and the site's own. */
export async function removeImages(repositoryUri: string | undefined, siteImage: string | undefined): Promise<void> {
  const pulled = repositoryUri === undefined ? [] : await referencesOf(repositoryUri);
  const made = siteImage === undefined ? [] : [siteImage];
  for (const reference of [...pulled, ...made]) await tryRun('docker', ['image', 'rm', reference]);
}

/** By tag and by digest: the engine keeps an image as long as it has one name. */
async function referencesOf(repositoryUri: string): Promise<readonly string[]> {
  const format = '{{.Tag}} {{.Digest}}';
  const output = await run('docker', ['image', 'ls', '--digests', '--format', format, repositoryUri]);
  const rows = output.split('\n').map((line) => line.split(' '));
  const tags = rows.flatMap(([tag]) => (tag && tag !== '<none>' ? [`${repositoryUri}:${tag}`] : []));
  const digests = rows.flatMap(([, digest]) => (digest && digest !== '<none>' ? [`${repositoryUri}@${digest}`] : []));
  return [...tags, ...digests];
}
