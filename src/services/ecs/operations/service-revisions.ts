import { invalidParameter } from '../errors.ts';
import { getInScope } from '../lookups.ts';
import { operation } from '../operation.ts';
import { conditionsOf, withServices } from '../service-conditions.ts';
import { serviceRevisions } from '../service-tables.ts';
import { serviceRevisionView } from '../views/service-revision.ts';

const MOST_DESCRIBED = 20;

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-revision.html */
export const DescribeServiceRevisions = operation('DescribeServiceRevisions', {
  readOnly: true,
  resources: (input) => withServices(input.serviceRevisionArns),
  conditions: (input) => conditionsOf(input.serviceRevisionArns),
  handle: (ctx, input) =>
    ctx.read(async (tx) => {
      const arns = input.serviceRevisionArns ?? [];
      if (arns.length === 0) throw invalidParameter('serviceRevisionArns cannot be empty.');
      if (arns.length > MOST_DESCRIBED) {
        throw invalidParameter(`serviceRevisionArns can have at most ${MOST_DESCRIBED} items.`);
      }
      const found = [];
      const failures = [];
      for (const arn of arns) {
        const row = await getInScope(tx, serviceRevisions, ctx, arn);
        if (row) found.push(serviceRevisionView(row));
        else failures.push({ arn, reason: 'MISSING' });
      }
      return { serviceRevisions: found, failures };
    }),
});
