import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateRepositoryCommand, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import type { ECRClient } from '@aws-sdk/client-ecr';
import { must, run } from './run.ts';

/** Makes a private repository; answers its URI. */
export async function createRepository(ecr: ECRClient, repositoryName: string): Promise<string> {
  const { repository } = await ecr.send(new CreateRepositoryCommand({ repositoryName }));
  if (!repository?.repositoryUri) throw new Error(`The repository ${repositoryName} has no URI.`);
  return repository.repositoryUri;
}

/** Pushes an image of the engine with the docker CLI, logged in as ECR's users are; answers its URI. */
export async function pushImage(ecr: ECRClient, image: string, repositoryUri: string, tag: string): Promise<string> {
  const uri = `${repositoryUri}:${tag}`;
  const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
  const token = Buffer.from(authorizationData?.[0]?.authorizationToken ?? '', 'base64').toString();
  const config = await mkdtemp(join(tmpdir(), 'ls-docker-'));
  const env = { DOCKER_CONFIG: config };
  try {
    const login = ['login', '--username', 'AWS', '--password-stdin', repositoryUri.split('/')[0] ?? ''];
    await must('docker', login, { env, input: token.replace(/^AWS:/, '') });
    await must('docker', ['tag', image, uri]);
    await must('docker', ['push', '--quiet', uri], { env });
  } finally {
    await rm(config, { recursive: true, force: true });
  }
  return uri;
}

/**
 * Takes names of images, by tag and by digest, out of the engine.
 * @param of a repository's URI, or a registry's `host:port` for all of its repositories
 */
export async function forgetImages(of: string): Promise<void> {
  const { stdout } = await run('docker', [
    'image',
    'ls',
    '--digests',
    '--format',
    '{{.Repository}} {{.Tag}} {{.Digest}}',
  ]);
  const names = stdout
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([repository = '']) => repository === of || repository.startsWith(`${of}/`))
    .flatMap(([repository, tag, digest]) => [
      ...(tag && tag !== '<none>' ? [`${repository}:${tag}`] : []),
      ...(digest && digest !== '<none>' ? [`${repository}@${digest}`] : []),
    ]);
  for (const name of new Set(names)) await run('docker', ['image', 'rm', name]);
}
