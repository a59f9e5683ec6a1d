import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateRepositoryCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  GetAuthorizationTokenCommand,
} from '@aws-sdk/client-ecr';
import { unless } from '../clients.ts';
import { run } from '../command-line.ts';
import { type Progress, type Session, must } from './session.ts';
import { SHARED } from './site.ts';
import type { SiteImage } from './site-image.ts';

export interface PushedImage {
  /** Its name in the docker engine, before the push. */
  readonly local: string;
  readonly repositoryUri: string;
  /** As the task definition names it: repository and tag. */
  readonly uri: string;
  readonly digest: string;
}

/** Creates the private repository and pushes with the docker CLI, unless this tag is there already. */
export async function pushImage(session: Session, image: SiteImage, progress: Progress): Promise<PushedImage> {
  const repositoryUri = await ensureRepository(session);
  const uri = `${repositoryUri}:${image.tag}`;
  const there = await digestOfTag(session, image.tag);
  if (there) {
    progress(`there already: ${uri}`);
    return { local: image.reference, repositoryUri, uri, digest: there };
  }
  const host = registryHost(repositoryUri);
  const config = mkdtempSync(join(tmpdir(), 'longshore-docker-'));
  try {
    const options = { env: { DOCKER_CONFIG: config }, signal: session.signal, onLine: progress };
    const password = await registryPassword(session);
    await run('docker', ['login', '--username', 'AWS', '--password-stdin', host], { ...options, input: password });
    await run('docker', ['tag', image.reference, uri], options);
    await run('docker', ['push', uri], options);
  } finally {
    rmSync(config, { recursive: true, force: true });
  }
  const pushed = await digestOfTag(session, image.tag);
  return { local: image.reference, repositoryUri, uri, digest: must(pushed, 'the image that was pushed') };
}

/** What comes before the first slash of an image's name. */
export function registryHost(repositoryUri: string): string {
  return repositoryUri.split('/')[0] ?? repositoryUri;
}

async function ensureRepository({ clients }: Session): Promise<string> {
  const created = await unless(
    ['RepositoryAlreadyExistsException'],
    clients.ecr.send(new CreateRepositoryCommand({ repositoryName: SHARED.repository })),
  );
  if (created) return must(created.repository?.repositoryUri, 'repositoryUri');
  const { repositories } = await clients.ecr.send(
    new DescribeRepositoriesCommand({ repositoryNames: [SHARED.repository] }),
  );
  return must(repositories?.[0]?.repositoryUri, 'repositoryUri');
}

/** The token is base64 of `AWS:password`. */
async function registryPassword({ clients }: Session): Promise<string> {
  const { authorizationData } = await clients.ecr.send(new GetAuthorizationTokenCommand({}));
  const token = must(authorizationData?.[0]?.authorizationToken, 'authorizationToken');
  return Buffer.from(token, 'base64').toString('utf8').replace(/^AWS:/, '');
}

async function digestOfTag({ clients }: Session, tag: string): Promise<string | undefined> {
  const described = await unless(
    ['ImageNotFoundException'],
    clients.ecr.send(new DescribeImagesCommand({ repositoryName: SHARED.repository, imageIds: [{ imageTag: tag }] })),
  );
  return described?.imageDetails?.[0]?.imageDigest;
}
