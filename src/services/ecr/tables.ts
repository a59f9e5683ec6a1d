import type { Scope } from '../../kernel/arn.ts';
import { scopeKey } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import { table } from '../../store/store.ts';

/** A repository. What is in it are the registry's rows, under the same key. */
export interface RepositoryRow extends Scope {
  readonly name: string;
  readonly imageTagMutability: 'MUTABLE' | 'IMMUTABLE';
  readonly scanOnPush: boolean;
  readonly tags: Tags;
  readonly createdAtMs: number;
}

/** As the registry keys its own rows: `account/region/name`. */
export function repositoryKey(scope: Scope, name: string): string {
  return `${scopeKey(scope)}/${name}`;
}

export const repositories = table<RepositoryRow>('ecr.repositories', (row) => repositoryKey(row, row.name), {
  scope: scopeKey,
});
