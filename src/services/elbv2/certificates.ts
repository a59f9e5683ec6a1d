import type { Context } from '../../api/context.ts';
import { certificateNotFound, unsupportedCertificate } from './errors.ts';
import type { Elbv2Ports } from './operation.ts';

/** A certificate that the plane can serve with stands behind the ARN. */
export async function requireCertificate(ctx: Context<Elbv2Ports>, arn: string): Promise<void> {
  const found = await ctx.ports.certificates(arn);
  if (found === undefined) throw certificateNotFound(arn);
  if (found.weakness !== undefined) throw unsupportedCertificate(arn, found.weakness);
}
