import type { Call } from '../../api/context.ts';
import type { Scope } from '../../kernel/arn.ts';

const ECR_HOST = /^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/;
/** DescribeTasks takes no more. */
const TASKS_AT_ONCE = 100;

/** As `name:tag` or `name@sha256:...`, in one registry. */
export type ImageReferences = ReadonlySet<string>;

/**
 * What ECS may pull from a registry any time: the images of tasks that run and of active task definitions, in the
 * registry's own account and region. Asked of ECS's API, page by page.
 */
export async function imagesInUse(call: Call, scope: Scope, registryHost: string): Promise<ImageReferences> {
  const images = new Set<string>();
  const add = (image: string | undefined, digest?: string) => {
    const reference = inRegistry(image ?? '', scope, registryHost);
    if (!reference) return;
    images.add(reference.key);
    if (digest !== undefined) images.add(`${reference.name}@${digest}`);
  };
  const clusters = await all(async (page) => {
    const { clusterArns, nextToken } = await call('ecs', 'ListClusters', page);
    return { items: clusterArns, nextToken };
  });
  for (const cluster of clusters) {
    for (const { image, imageDigest } of await containersOf(call, cluster)) add(image, imageDigest);
  }
  const definitions = await all(async (page) => {
    const { taskDefinitionArns, nextToken } = await call('ecs', 'ListTaskDefinitions', { status: 'ACTIVE', ...page });
    return { items: taskDefinitionArns, nextToken };
  });
  for (const arn of definitions) {
    const { taskDefinition } = await call('ecs', 'DescribeTaskDefinition', { taskDefinition: arn });
    for (const { image } of taskDefinition?.containerDefinitions ?? []) add(image);
  }
  return images;
}

async function containersOf(call: Call, cluster: string) {
  const arns = await all(async (page) => {
    const { taskArns, nextToken } = await call('ecs', 'ListTasks', { cluster, ...page });
    return { items: taskArns, nextToken };
  });
  const containers = [];
  for (let from = 0; from < arns.length; from += TASKS_AT_ONCE) {
    const some = arns.slice(from, from + TASKS_AT_ONCE);
    const { tasks = [] } = await call('ecs', 'DescribeTasks', { cluster, tasks: some });
    containers.push(...tasks.flatMap((task) => task.containers ?? []));
  }
  return containers;
}

interface Page<T> {
  readonly items: readonly T[] | undefined;
  readonly nextToken: string | undefined;
}

async function all<T>(list: (page: { nextToken?: string }) => Promise<Page<T>>): Promise<readonly T[]> {
  const found: T[] = [];
  let nextToken: string | undefined;
  do {
    const page = await list(nextToken === undefined ? {} : { nextToken });
    found.push(...(page.items ?? []));
    ({ nextToken } = page);
  } while (nextToken !== undefined);
  return found;
}

/** The image that a container names, if it is in this registry: under its own host name or the one that it has at AWS. */
function inRegistry(
  image: string,
  { account, region }: Scope,
  registryHost: string,
): { readonly name: string; readonly key: string } | undefined {
  const slash = image.indexOf('/');
  const host = image.slice(0, Math.max(0, slash));
  const aws = ECR_HOST.exec(host);
  if (aws ? aws[1] !== account || aws[2] !== region : host !== registryHost) return undefined;
  const [named = '', digest] = image.slice(slash + 1).split('@');
  const [name = '', tag = 'latest'] = named.split(':');
  return { name, key: digest === undefined ? `${name}:${tag}` : `${name}@${digest}` };
}
