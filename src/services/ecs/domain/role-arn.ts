import type { Scope } from '../../../kernel/arn.ts';

/** A task definition may name a role by its name alone. */
export function roleArnOf({ account }: Pick<Scope, 'account'>, role: string): string {
  return role.startsWith('arn:') ? role : `arn:aws:iam::${account}:role/${role}`;
}
