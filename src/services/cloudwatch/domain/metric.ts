import { createHash } from 'node:crypto';
import { constraint, invalidValue } from '../errors.ts';

export interface Metric {
  readonly namespace: string;
  readonly name: string;
  /** In order of name. */
  readonly dimensions: readonly (readonly [name: string, value: string])[];
}

export function metricId({ namespace, name, dimensions }: Metric): string {
  return createHash('sha256')
    .update(JSON.stringify([namespace, name, dimensions]))
    .digest('hex')
    .slice(0, 32);
}

const MAX_DIMENSIONS = 30;
const LONGEST_NAME = 255;
const LONGEST_DIMENSION = 1024;

interface MetricInput {
  readonly Namespace?: string | undefined;
  readonly MetricName?: string | undefined;
  readonly Dimensions?:
    | readonly { readonly Name: string | undefined; readonly Value: string | undefined }[]
    | undefined;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Metric.html */
export function metricFrom({ Namespace = '', MetricName = '', Dimensions = [] }: MetricInput): Metric {
  if (!/^[^:]{1,255}$/.test(Namespace))
    throw constraint(Namespace, 'namespace', 'satisfy regular expression pattern: [^:].*');
  if (MetricName.length < 1 || MetricName.length > LONGEST_NAME) {
    throw constraint(MetricName, 'metricName', `have length less than or equal to ${LONGEST_NAME}`);
  }
  if (Dimensions.length > MAX_DIMENSIONS) {
    throw invalidValue(`The collection Dimensions must not have a size greater than ${MAX_DIMENSIONS}.`);
  }
  const dimensions = Dimensions.map(({ Name = '', Value = '' }) => [dimension(Name), dimension(Value)] as const);
  if (new Set(dimensions.map(([name]) => name)).size < dimensions.length) {
    throw invalidValue('The parameter Dimensions must not name a dimension twice.');
  }
  return {
    namespace: Namespace,
    name: MetricName,
    dimensions: dimensions.toSorted(([a], [b]) => (a < b ? -1 : 1)),
  };
}

function dimension(text: string): string {
  if (text.trim() === '' || text.length > LONGEST_DIMENSION) {
    throw invalidValue('The name and the value of a dimension must have 1 to 1024 characters that are not all blanks.');
  }
  return text;
}
