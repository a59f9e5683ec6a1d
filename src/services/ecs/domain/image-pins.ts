import type { DeploymentRow, ImageDigests, TaskDefinitionRow, TaskRow } from '../tables.ts';

/**
 * The deployment with the digests that its task has pulled; the first word on a container stands. Containers that opt out
 * with `versionConsistency`, and images that are named by digest, are not pinned.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html#deployment-container-image-stability
 */
export function pinDigests(deployment: DeploymentRow, task: TaskRow, definition: TaskDefinitionRow): DeploymentRow {
  if (deployment.id !== task.deploymentId) return deployment;
  const known = deployment.imageDigests ?? {};
  const added: Record<string, string> = {};
  for (const { name, versionConsistency } of definition.definition.containerDefinitions ?? []) {
    const container = task.containers.find((one) => one.name === name);
    if (!container?.imageDigest || Object.hasOwn(known, container.name)) continue;
    if (versionConsistency === 'disabled' || container.image.includes('@')) continue;
    added[container.name] = container.imageDigest;
  }
  const imageDigests: ImageDigests = { ...known, ...added };
  return Object.keys(added).length === 0 ? deployment : { ...deployment, imageDigests };
}
