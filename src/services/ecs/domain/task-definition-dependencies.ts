import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { clientError } from '../errors.ts';

const CONDITIONS: readonly string[] = ['START', 'COMPLETE', 'SUCCESS', 'HEALTHY'];

/** Whether the containers can be started in some order. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html */
export function checkDependencies(containers: readonly ContainerDefinition[]): void {
  for (const container of containers) checkConditions(container, containers);
  const cycle = findCycle(
    new Map(
      containers.map(({ name, dependsOn = [] }) => [name ?? '', dependsOn.map((one) => one.containerName ?? '')]),
    ),
  );
  if (cycle) throw clientError(`There are cycles in the container dependencies: ${cycle.join(' -> ')}`);
  checkLinks(containers);
}

function checkConditions(container: ContainerDefinition, containers: readonly ContainerDefinition[]): void {
  for (const { containerName, condition } of container.dependsOn ?? []) {
    const target = containers.find((other) => other.name === containerName);
    if (!target) throw clientError(`Cannot depend on container + '${containerName}' because it does not exist`);
    if (!CONDITIONS.includes(condition ?? '')) {
      throw clientError(`Invalid dependency condition '${condition}' for container '${container.name}'.`);
    }
    if ((condition === 'SUCCESS' || condition === 'COMPLETE') && target.essential !== false) {
      throw clientError('A dependency container with SUCCESS or COMPLETE condition cannot be an essential container');
    }
    if (condition === 'HEALTHY' && !target.healthCheck) {
      throw clientError(
        `Container '${container.name}' depends on container '${target.name}' being HEALTHY, but it has no health check.`,
      );
    }
  }
}

/** `name` or `name:alias`. */
function checkLinks(containers: readonly ContainerDefinition[]): void {
  const links = new Map(
    containers.map(({ name, links: linked = [] }) => [name ?? '', linked.map((link) => link.split(':')[0] ?? '')]),
  );
  for (const [name, linked] of links) {
    const missing = linked.find((other) => !links.has(other));
    if (missing !== undefined) throw clientError(`Container '${name}' links to '${missing}', which does not exist.`);
  }
  if (findCycle(links)) throw clientError('Container links should not have a cycle');
}

/** Names each of which needs the next, the last one being the first again. */
export function findCycle(needs: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>();
  const walk = (name: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return undefined;
    for (const next of needs.get(name) ?? []) {
      const cycle = walk(next, [...path, name]);
      if (cycle) return cycle;
    }
    done.add(name);
    return undefined;
  };
  for (const name of needs.keys()) {
    const cycle = walk(name, []);
    if (cycle) return cycle;
  }
  return undefined;
}
