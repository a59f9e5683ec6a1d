import type { Call } from '../../api/context.ts';
import { ServiceError } from '../../kernel/errors.ts';

/** The states of a target group's targets; of one that is not there, none. */
export async function healthOf(call: Call, arn: string): Promise<ReadonlyMap<string, string>> {
  try {
    const { TargetHealthDescriptions = [] } = await call('elbv2', 'DescribeTargetHealth', { TargetGroupArn: arn });
    return new Map(TargetHealthDescriptions.map((one) => [one.Target?.Id ?? '', one.TargetHealth?.State ?? '']));
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'TargetGroupNotFoundException') return new Map();
    throw error;
  }
}
