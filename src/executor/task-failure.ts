import { messageOf, RuntimeError, ServiceError } from '../kernel/errors.ts';
import type { TaskSpec } from './executor.ts';
import { SecretsError } from './secrets.ts';
import type { TaskAction } from './task-action.ts';

/** Some 15 seconds. */
const MAX_TRIES = 10;
/** For what should not be: an image or a container that vanishes between two steps, again and again. */
export const MAX_VANISHED = 4;

/** What went wrong for good: of one container, or of the task as a whole. The reason is as ECS says it. */
export interface Failure {
  readonly container?: string;
  readonly reason: string;
}

/** Whether a step that failed so often in a row is not tried again. */
export function isFinal(action: TaskAction, error: unknown, attempts: number): boolean {
  const kind = kindOf(error);
  switch (action.do) {
    case 'pull':
    case 'resolve-secrets':
      return kind !== 'temporary' || attempts >= MAX_TRIES;
    case 'create':
    case 'start':
    case 'restart':
    case 'start-pause':
    case 'create-pause':
    case 'create-volume':
    case 'ensure-cgroup':
      return kind === 'rejected' || (kind === 'gone' && attempts >= MAX_VANISHED);
    case 'plug':
      // Its process is gone with the pause container: the next list says so.
      return kind === 'rejected';
    case 'open-logs':
      return kind !== 'temporary';
    default:
      // Going down has no way but on.
      return false;
  }
}

/**
 * Undefined for a step that is never given up.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
 */
export function failureOf(spec: TaskSpec, action: TaskAction, error: unknown, attempts: number): Failure | undefined {
  switch (action.do) {
    case 'pull':
      // Only the credentials' own service speaks so: the engine has not been asked yet.
      if (error instanceof ServiceError) return { reason: noRegistryAuth(error) };
      return { container: action.container, reason: pullReason(spec, action.container, error, attempts) };
    case 'create':
      return { container: action.container, reason: `CannotCreateContainerError: ${wordsOf(error)}` };
    case 'start':
    case 'restart':
      return { container: action.container, reason: `CannotStartContainerError: ${wordsOf(error)}` };
    case 'create-volume':
      return { reason: `CannotCreateVolumeError: ${wordsOf(error)}` };
    case 'resolve-secrets':
      if (error instanceof SecretsError) return { reason: error.message };
      return { reason: `ResourceInitializationError: unable to pull secrets or registry auth: ${messageOf(error)}` };
    case 'open-logs':
      return { reason: `ResourceInitializationError: failed to validate logger args: ${messageOf(error)}` };
    case 'plug':
      return {
        reason: `ResourceInitializationError: failed to set up the task's network interface: ${messageOf(error)}`,
      };
    case 'ensure-cgroup':
      return { reason: `ResourceInitializationError: failed to set up the task's control group: ${messageOf(error)}` };
    case 'create-pause':
    case 'start-pause':
      return { reason: `ResourceInitializationError: failed to start the task's pause container: ${wordsOf(error)}` };
    default:
      return undefined;
  }
}

export function isGone(error: unknown): boolean {
  return error instanceof RuntimeError && error.kind === 'gone';
}

function kindOf(error: unknown): RuntimeError['kind'] {
  return error instanceof RuntimeError || error instanceof SecretsError ? error.kind : 'rejected';
}

/** A refusal in the engine's words; what was tried again and again as Fargate says it. */
function pullReason(spec: TaskSpec, name: string, error: unknown, attempts: number): string {
  if (attempts <= 1) return `CannotPullContainerError: ${wordsOf(error)}`;
  const image = spec.containers.find((container) => container.name === name)?.image ?? name;
  const retried = `pull image manifest has been retried ${attempts - 1} time(s)`;
  return `CannotPullContainerError: ${retried}: failed to resolve ref ${image}: ${messageOf(error)}`;
}

/** As ECS passes on what the engine says. */
function wordsOf(error: unknown): string {
  return error instanceof RuntimeError ? `Error response from daemon: ${error.message}` : messageOf(error);
}

/** As Fargate says it: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-initialization-error.html */
function noRegistryAuth({ code, message }: ServiceError): string {
  return (
    'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: ' +
    `unable to retrieve ecr registry auth: service call has been retried 1 time(s): ${code}: ${message}`
  );
}
