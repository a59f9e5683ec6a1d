import { operationsOf } from '../../api/operation.ts';
import type { Context } from '../../api/context.ts';
import type { SealedBox } from '../../kernel/sealed-box.ts';

/** What IAM is lent. */
export interface IamPorts {
  /** Of purpose `iam-access-keys`. */
  readonly box: SealedBox;
  /** The account's root access key id, for the credential report and the summary. */
  readonly rootAccessKeyId: string;
  /** When the root credentials were made, in ms since the epoch: the account's age, for GetUser and the credential report. */
  readonly rootCreatedAtMs?: number;
}

export type IamContext = Context<IamPorts>;

export const operation = operationsOf<'iam', IamPorts>();
