import type { TaskDefinitionRow } from '../tables.ts';

/** The names of the containers whose health is the task's: essential, with a check that is not switched off by NONE. */
export function checkedContainers(definition: TaskDefinitionRow | undefined): ReadonlySet<string> {
  const checked = (definition?.definition.containerDefinitions ?? []).filter(
    ({ healthCheck, essential }) => healthCheck && healthCheck.command?.[0] !== 'NONE' && essential !== false,
  );
  return new Set(checked.map((container) => container.name ?? ''));
}
