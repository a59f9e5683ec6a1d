/** Which version each staging label is attached to; a label is attached to one version at most. */
export type Stages = readonly Stage[];

export interface Stage {
  readonly label: string;
  readonly versionId: string;
}

export const CURRENT = 'AWSCURRENT';
export const PREVIOUS = 'AWSPREVIOUS';
export const PENDING = 'AWSPENDING';

export function versionWith(stages: Stages, label: string): string | undefined {
  return stages.find((stage) => stage.label === label)?.versionId;
}

/** Sorted, as AWS answers them. */
export function labelsOf(stages: Stages, versionId: string): string[] {
  return stages
    .filter((stage) => stage.versionId === versionId)
    .map(({ label }) => label)
    .toSorted();
}

export function detach(stages: Stages, label: string): Stages {
  return stages.filter((stage) => stage.label !== label);
}

/** Moves a label to a version. What AWSCURRENT is taken from becomes AWSPREVIOUS. */
export function attach(stages: Stages, label: string, versionId: string): Stages {
  const moved = [...detach(stages, label), { label, versionId }];
  const before = versionWith(stages, label);
  if (label !== CURRENT || before === undefined || before === versionId) return moved;
  return [...detach(moved, PREVIOUS), { label: PREVIOUS, versionId: before }];
}

/** The labels of a new version. The one that was current is no longer pending, either. */
export function stagesWithNew(stages: Stages, versionId: string, labels: readonly string[]): Stages {
  const current = versionWith(stages, CURRENT);
  const isReplaced = labels.includes(CURRENT) && current !== undefined && versionWith(stages, PENDING) === current;
  const before = isReplaced ? detach(stages, PENDING) : stages;
  return labels.reduce((now, label) => attach(now, label, versionId), before);
}
