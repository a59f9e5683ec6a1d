import type { Context } from '../../api/context.ts';
import { certificateNotFound } from './errors.ts';
import type { Elbv2Ports } from './operation.ts';

/** An issued certificate stands behind the ARN. */
export async function requireCertificate(ctx: Context<Elbv2Ports>, arn: string): Promise<void> {
  if ((await ctx.ports.certificates(arn)) === undefined) throw certificateNotFound(arn);
}
