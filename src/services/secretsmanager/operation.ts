import type { Context } from '../../api/context.ts';
import { operationsOf } from '../../api/operation.ts';
import type { SealedBox } from '../../kernel/sealed-box.ts';

/** What the composition root lends it. */
export interface SecretsManagerPorts {
  /** Seals secret values: its key is outside the database. */
  readonly box: SealedBox;
}

export type SecretsContext = Context<SecretsManagerPorts>;

export const operation = operationsOf<'secretsmanager', SecretsManagerPorts>();
