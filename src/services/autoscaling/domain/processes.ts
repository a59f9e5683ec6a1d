/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html */
export const PROCESSES = [
  'AZRebalance',
  'AddToLoadBalancer',
  'AlarmNotification',
  'HealthCheck',
  'InstanceRefresh',
  'Launch',
  'ReplaceUnhealthy',
  'ScheduledActions',
  'Terminate',
] as const;

export type Process = (typeof PROCESSES)[number];

export function isProcess(name: string): name is Process {
  return (PROCESSES as readonly string[]).includes(name);
}

interface Suspending {
  readonly suspended: readonly { readonly process: Process }[];
}

export function runs({ suspended }: Suspending, process: Process): boolean {
  return !suspended.some((one) => one.process === process);
}
