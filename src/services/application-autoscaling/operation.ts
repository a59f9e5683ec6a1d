import { operationsOf } from '../../api/operation.ts';

/** What the composition root lends it. */
export type ApplicationAutoscalingPorts = Record<never, never>;

export const operation = operationsOf<'application-autoscaling', ApplicationAutoscalingPorts>();
