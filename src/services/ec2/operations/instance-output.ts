import { RuntimeError } from '../../../kernel/errors.ts';
import { arnsOf, KINDS } from '../domain/resource-kind.ts';
import { missingParameter } from '../errors.ts';
import { requireHost } from '../instance-capacity.ts';
import { requireInstance } from '../instance-lookup.ts';
import { operation } from '../operation.ts';

/** What it has printed since it booted: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetConsoleOutput.html */
export const GetConsoleOutput = operation('GetConsoleOutput', {
  readOnly: true,
  resources: (input, scope) => arnsOf(KINDS.instance, scope, [input.InstanceId]),
  handle: async (ctx, input) => {
    const id = input.InstanceId;
    if (!id) throw missingParameter('instanceId');
    const row = await ctx.read((tx) => requireInstance(tx, ctx, id));
    const isGone = row.state === 'terminated' || row.state === 'pending';
    const text = isGone ? '' : await outputOf(() => requireHost(ctx.ports).driver.consoleOutput(id));
    return {
      InstanceId: id,
      Timestamp: new Date(ctx.now),
      ...(text === '' ? {} : { Output: Buffer.from(text).toString('base64') }),
    };
  },
});

async function outputOf(read: () => Promise<string>): Promise<string> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof RuntimeError && error.kind === 'gone') return '';
    throw error;
  }
}
