import { parseFilterPattern } from '../domain/filter-pattern-parser.ts';
import { constraint, invalid } from '../errors.ts';
import { operation } from '../operation.ts';

const MOST_MESSAGES = 50;

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TestMetricFilter.html */
export const TestMetricFilter = operation('TestMetricFilter', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (_ctx, input) => {
    const messages = input.logEventMessages ?? [];
    if (messages.length === 0 || messages.length > MOST_MESSAGES) {
      const rule = messages.length === 0 ? 'greater than or equal to 1' : `less than or equal to ${MOST_MESSAGES}`;
      throw constraint(`${messages.length} messages`, 'logEventMessages', `have length ${rule}`);
    }
    const pattern = parseFilterPattern(input.filterPattern ?? '');
    if ('problem' in pattern) throw invalid(pattern.problem);
    return {
      matches: messages.flatMap((eventMessage, at) =>
        pattern.matches(eventMessage)
          ? [{ eventNumber: at + 1, eventMessage, extractedValues: { ...pattern.extract(eventMessage) } }]
          : [],
      ),
    };
  },
});
