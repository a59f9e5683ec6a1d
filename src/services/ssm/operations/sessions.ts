import { formatArn } from '../../../kernel/arn.ts';
import type { Scope } from '../../../kernel/arn.ts';
import { noSuchSession } from '../errors.ts';
import { operation } from '../operation.ts';

/* What session-manager-plugin asks when its connection breaks, or when it gives up. */

function sessionResource({ SessionId }: { readonly SessionId: string | undefined }, scope: Scope): string[] {
  return [formatArn('ssm', scope, `session/${SessionId ?? ''}`)];
}

/**
 * Another token for a session that goes on; without one the client takes it as timed out.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ResumeSession.html
 */
export const ResumeSession = operation('ResumeSession', {
  resources: sessionResource,
  async handle(ctx, { SessionId = '' }) {
    const resumed = ctx.ports.sessions.resume(SessionId, ctx.principal.arn);
    if (!resumed) throw noSuchSession(SessionId);
    return { SessionId, TokenValue: resumed.tokenValue, StreamUrl: resumed.streamUrl };
  },
});

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_TerminateSession.html */
export const TerminateSession = operation('TerminateSession', {
  resources: sessionResource,
  async handle(ctx, { SessionId = '' }) {
    if (!ctx.ports.sessions.terminate(SessionId, ctx.principal.arn)) throw noSuchSession(SessionId);
    return { SessionId };
  },
});
