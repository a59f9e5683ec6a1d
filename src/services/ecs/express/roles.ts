import type { Context } from '../../../api/context.ts';
import { parseArn } from '../../../kernel/arn.ts';
import { cannotAssumeRole, invalidParameter } from '../errors.ts';
import type { EcsPorts } from '../operation.ts';
import type { Wish } from './input.ts';

/** Whom an infrastructure role is handed to. */
export const ECS = 'ecs.amazonaws.com';

/** Each role must be there, and let in whom it is handed to. */
export async function checkExpressRoles(
  ctx: Context<EcsPorts>,
  wish: Wish,
  infrastructureRoleArn: string,
): Promise<void> {
  if (parseArn(infrastructureRoleArn)?.service !== 'iam') {
    throw invalidParameter('infrastructureRoleArn must be the ARN of an IAM role.');
  }
  if (!(await ctx.ports.mayAssume(infrastructureRoleArn, ctx, ECS))) {
    throw invalidParameter(
      `ECS was unable to assume the infrastructure role '${infrastructureRoleArn}'. Verify that the role exists and that ` +
        `its trust policy lets ${ECS} assume it.`,
    );
  }
  for (const role of [wish.executionRoleArn, wish.taskRoleArn]) {
    if (role !== undefined && !(await ctx.ports.mayAssume(role, ctx))) throw cannotAssumeRole(role);
  }
}
