import { createHash } from 'node:crypto';

const LEAST = 1_000_000_000;
const SPAN = 9_000_000_000;

/**
 * A container's id in the paths of its task's endpoint, and its runtime id as Fargate writes them: `TASK-1234567890`.
 * Derived, so that it is the same wherever and whenever it is asked for; of a task with a role from what its own containers
 * alone are told, since the task's id and the containers' names are no secret, and whoever has this id may protect the task.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate-examples.html
 */
export function metadataId(
  { id, credentialsId = '' }: { readonly id: string; readonly credentialsId?: string },
  containerName: string,
): string {
  const digest = createHash('sha256').update(`${credentialsId} ${containerName}`).digest();
  return `${id}-${LEAST + (digest.readUIntBE(0, 6) % SPAN)}`;
}
