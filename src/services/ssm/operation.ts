import { operationsOf } from '../../api/operation.ts';
import type { SealedBox } from '../../kernel/sealed-box.ts';

/** What the composition root lends it. */
export interface SsmPorts {
  /** Seals SecureString values: its key is outside the database. */
  readonly box: SealedBox;
  /** The sessions of ECS Exec. Each belongs to the ARN of who opened it. */
  readonly sessions: SessionsPort;
}

export interface SessionsPort {
  /** Undefined where it is over, or somebody else's. */
  resume(sessionId: string, owner: string): { readonly tokenValue: string; readonly streamUrl: string } | undefined;
  /** False where it is over already, or somebody else's. */
  terminate(sessionId: string, owner: string): boolean;
}

export const operation = operationsOf<'ssm', SsmPorts>();
