import type { Scope } from '../../kernel/arn.ts';

/** One measurement of a load balancer: one value, or what is known of several. */
export interface Measurement {
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number | { readonly count: number; readonly sum: number; readonly min: number; readonly max: number };
  /** One of CloudWatch's units. */
  readonly unit: 'Count' | 'Bytes' | 'Seconds' | 'None';
  /** ms since the epoch. */
  readonly atMs: number;
}

/** Takes the measurements of AWS/ApplicationELB: CloudWatch's metric sink fits. */
export interface Metrics {
  put(scope: Scope, namespace: string, measurements: readonly Measurement[]): Promise<void>;
}

/** Where nobody wants them. */
export const NO_METRICS: Metrics = { put: async () => {} };
