import { operationsOf } from '../../api/operation.ts';
import type { Scope } from '../../kernel/arn.ts';

/** An alarm that means a scaling policy: on its way into a state, and once a minute while it is in it. */
export interface AlarmSignal extends Scope {
  readonly policyArn: string;
  readonly alarmName: string;
  readonly alarmArn: string;
  readonly stateValue: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  /** The datapoints that the state comes of, oldest first. */
  readonly datapoints: readonly number[];
  readonly threshold: number;
  readonly periodMs: number;
  /** ms since the epoch */
  readonly atMs: number;
}

/** What the composition root lends it. */
export interface CloudWatchPorts {
  /** Application Auto Scaling takes the signal; it must be durable once this resolves. Twice is as good as once. */
  readonly signalScalingPolicy: (signal: AlarmSignal) => Promise<void>;
}

export const operation = operationsOf<'cloudwatch', CloudWatchPorts>();
