import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { clientError, refuseUnsupported } from '../errors.ts';
import { checkEnvironment } from './task-definition-environment.ts';
import { checkKernel } from './task-definition-kernel.ts';
import { checkLogs } from './task-definition-logs.ts';
import { NAME, checkRange, invalidSetting } from './task-definition-rules.ts';
import type { Definition } from './task-definition-rules.ts';

/** What would need a service, or hardware, that is not here: in no launch type. */
const UNSUPPORTED = ['resourceRequirements', 'firelensConfiguration', 'credentialSpecs'];
const LEAST_MEMORY_MIB = 6;
const MOST_IGNORED_CODES = 50;

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html: one container by itself. */
export function checkContainer(container: ContainerDefinition, definition: Definition): void {
  checkName(container);
  refuseUnsupported(container, UNSUPPORTED, `containerDefinitions[${container.name}].`);
  checkMemory(container, definition);
  checkHealthCheck(container);
  checkTimes(container);
  checkRestartPolicy(container);
  checkUser(container);
  checkEnvironment(container);
  checkKernel(container);
  checkLogs(container);
}

function checkName(container: ContainerDefinition): void {
  if (!NAME.test(container.name ?? '')) {
    throw clientError(
      'Container.name contains invalid characters. Up to 255 letters (uppercase and lowercase), numbers, underscores, and hyphens are allowed.',
    );
  }
  const image = container.image ?? '';
  if (image === '') throw clientError('Container.image should not be null or empty.');
  if (image.length > 2048 || /[\s\p{C}]/u.test(image)) {
    throw clientError('Container.image contains invalid characters.');
  }
}

function checkMemory(container: ContainerDefinition, definition: Definition): void {
  const { memory, memoryReservation, cpu } = container;
  if (cpu !== undefined && (cpu < 0 || !Number.isInteger(cpu))) throw invalidSetting(container, "'cpu' is not valid.");
  for (const value of [memory, memoryReservation]) {
    if (value !== undefined && value < LEAST_MEMORY_MIB) {
      throw invalidSetting(container, `'memory' must be at least ${LEAST_MEMORY_MIB} MiB.`);
    }
  }
  if (memory !== undefined && memoryReservation !== undefined && memory < memoryReservation) {
    throw invalidSetting(container, "'memory' must be greater than 'memoryReservation'.");
  }
  if (memory !== undefined && definition.memory !== undefined && memory > Number(definition.memory)) {
    throw clientError(`The 'memory' setting for container '${container.name}' is greater than for the task.`);
  }
  // A task on Fargate must have a size: that is said first.
  const sized = definition.memory !== undefined || definition.requiresCompatibilities?.includes('FARGATE');
  if (!sized && memory === undefined && memoryReservation === undefined) {
    throw invalidSetting(container, "At least one of 'memory' or 'memoryReservation' must be specified.");
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html */
function checkHealthCheck(container: ContainerDefinition): void {
  const check = container.healthCheck;
  if (!check) return;
  // The console's way of writing it, `CMD-SHELL, curl ...` as one string, is common in samples.
  if (!/^(CMD|CMD-SHELL|NONE)(,|$)/.test(check.command?.[0] ?? '')) {
    throw clientError(`Health check command for container '${container.name}' must start with CMD, CMD-SHELL or NONE.`);
  }
  const what = (member: string) => `Health check ${member} of container '${container.name}'`;
  checkRange(check.interval, what('interval'), 5, 300);
  checkRange(check.timeout, what('timeout'), 2, 60);
  checkRange(check.retries, what('retries'), 1, 10);
  checkRange(check.startPeriod, what('startPeriod'), 0, 300);
}

/** In seconds. Fargate has an upper bound too. */
function checkTimes(container: ContainerDefinition): void {
  checkRange(container.startTimeout, `startTimeout of container '${container.name}'`, 2);
  checkRange(container.stopTimeout, `stopTimeout of container '${container.name}'`, 0);
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerRestartPolicy.html */
function checkRestartPolicy(container: ContainerDefinition): void {
  const { restartAttemptPeriod, ignoredExitCodes = [] } = container.restartPolicy ?? {};
  checkRange(restartAttemptPeriod, `restartAttemptPeriod of container '${container.name}'`, 60, 1800);
  if (ignoredExitCodes.length > MOST_IGNORED_CODES) {
    throw invalidSetting(container, `'ignoredExitCodes' can have at most ${MOST_IGNORED_CODES} items.`);
  }
}

/** `user`, `uid`, and either with `:group` or `:gid`. */
function checkUser(container: ContainerDefinition): void {
  if (container.user && !/^[^\s:]+(:[^\s:]+)?$/.test(container.user)) {
    throw invalidSetting(container, "'user' must be user, user:group, uid, uid:gid, user:gid or uid:group.");
  }
}
