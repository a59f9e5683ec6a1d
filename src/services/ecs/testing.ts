import type { RegisterTaskDefinitionCommandInput, Task } from '@aws-sdk/client-ecs';
import { openTestService } from '../../api/testing.ts';
import type { TestService } from '../../api/testing.ts';
import type { ContainerReport, Executor, TaskReport, TaskSpec } from '../../executor/executor.ts';
import type { Scope } from '../../kernel/arn.ts';
import type { ConnectEndpoint } from '../../network/network.ts';
import { ecs, taskReports } from './index.ts';
import type { CapacityMeasurement, ExecRequest } from './operation.ts';
import { FakeAws } from './testing-aws.ts';
import type { OnEffect } from './testing-aws.ts';

export const REGISTRY = '127.0.0.1:4566';
export const RETENTION_MS = 3_600_000;

export const NETWORK = {
  awsvpcConfiguration: { subnets: ['subnet-a', 'subnet-b'], securityGroups: ['sg-web'] },
};

/** The least that Fargate runs. */
export const SITE: RegisterTaskDefinitionCommandInput = {
  family: 'site',
  requiresCompatibilities: ['FARGATE'],
  networkMode: 'awsvpc',
  cpu: '256',
  memory: '512',
  containerDefinitions: [{ name: 'web', image: 'httpd:2.4', portMappings: [{ containerPort: 80 }] }],
};

export const RUN = { taskDefinition: 'site', launchType: 'FARGATE', networkConfiguration: NETWORK } as const;

/** Writes down what it is told to do. */
export class RecordingExecutor implements Pick<Executor, 'ensure' | 'reap'> {
  readonly ensured: { readonly task: string; readonly desired: 'RUNNING' | 'STOPPED' }[] = [];
  readonly specs = new Map<string, TaskSpec>();
  reaped: readonly string[] = [];

  readonly #onEffect: OnEffect;

  constructor(onEffect: OnEffect = () => {}) {
    this.#onEffect = onEffect;
  }

  ensure(spec: TaskSpec, desired: 'RUNNING' | 'STOPPED'): void {
    this.#onEffect();
    this.ensured.push({ task: spec.taskArn, desired });
    this.specs.set(spec.taskArn, spec);
    this.#onEffect();
  }

  async reap(known: ReadonlySet<string>): Promise<void> {
    this.reaped = [...known];
  }

  /** What it was last told of a task. */
  desired(taskArn: string): 'RUNNING' | 'STOPPED' | undefined {
    return this.ensured.findLast((one) => one.task === taskArn)?.desired;
  }
}

export interface TestEcs extends TestService<'ecs'> {
  readonly aws: FakeAws;
  readonly executor: RecordingExecutor;
  /** Service Connect's endpoints of each VPC. */
  readonly endpoints: ReadonlyMap<string, readonly ConnectEndpoint[]>;
  /** What CloudWatch was told of capacity providers. */
  readonly measured: readonly CapacityMeasurement[];
  /** What ECS Exec was asked to open. */
  readonly sessions: readonly ExecRequest[];
  /** The executor says what a task is: all its containers in that status. */
  report(taskArn: string, status: TaskReport['status'], change?: ReportChange): Promise<void>;
  /** One task as DescribeTasks shows it. */
  task(taskArn: string): Promise<Task>;
}

export type ReportChange = Partial<Omit<TaskReport, 'taskArn' | 'containers'>> & {
  readonly container?: Partial<Omit<ContainerReport, 'name'>>;
};

/**
 * ECS with its reconcilers over a faked EC2, ELB and executor.
 * @param onEffect called before and after each write, call and word to the executor: a throw is a crash just there
 */
export function openTestEcs(onEffect: OnEffect = () => {}): TestEcs {
  const aws = new FakeAws(onEffect);
  const executor = new RecordingExecutor(onEffect);
  const mayAssume = async (roleArn: string) => {
    await aws.onAssume();
    return !aws.untrusting.has(roleArn);
  };
  const sessions: ExecRequest[] = [];
  const openSession = (request: ExecRequest) => {
    sessions.push(request);
    return { sessionId: 's', streamUrl: 'ws://127.0.0.1/s', tokenValue: 't' };
  };
  const measured: CapacityMeasurement[] = [];
  const endpoints = new Map<string, readonly ConnectEndpoint[]>();
  const network = {
    async connect(vpcId: string, all: readonly ConnectEndpoint[]) {
      onEffect();
      endpoints.set(vpcId, all);
      onEffect();
    },
  };
  const ports = {
    executor,
    network,
    registryHost: REGISTRY,
    openSession,
    stoppedTaskRetentionMs: RETENTION_MS,
    mayAssume,
    domain: 'localhost',
    hooks: aws.hooks,
    metrics: {
      put: async (_scope: Scope, _namespace: string, all: readonly CapacityMeasurement[]) => {
        measured.push(...all);
      },
    },
    managedScalingPeriodMs: 60_000,
  };
  const service = openTestService('ecs', ecs, ports, { calls: aws.calls() });
  const { store } = service;
  const write = store.write.bind(store);
  store.write = async (fn) => {
    onEffect();
    const answer = await write(fn);
    onEffect();
    return answer;
  };
  const deliver = taskReports(store, service.clock);
  return {
    ...service,
    aws,
    executor,
    endpoints,
    measured,
    sessions,
    async report(taskArn, status, { container = {}, ...change } = {}) {
      const names = executor.specs.get(taskArn)?.containers.map(({ name }) => name) ?? ['web'];
      const containers = names.map((name) => ({ name, status, health: 'UNKNOWN' as const, ...container }));
      await deliver({ taskArn, status, containers, ...change });
    },
    async task(taskArn) {
      const { tasks = [] } = await service.call('DescribeTasks', { cluster: clusterOf(taskArn), tasks: [taskArn] });
      return must(tasks[0]);
    },
  };
}

/** With the cluster `default` and the task definition `site:1`. */
export async function openTestSite(onEffect?: OnEffect): Promise<TestEcs> {
  const service = openTestEcs(onEffect);
  await service.call('CreateCluster', {});
  await service.call('RegisterTaskDefinition', SITE);
  return service;
}

/** Runs one task; answers its ARN. */
export async function runTask(service: TestEcs, change: object = {}): Promise<string> {
  const { tasks = [] } = await service.call('RunTask', { ...RUN, ...change });
  return must(tasks[0]?.taskArn);
}

export function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The answer lacks what this test looks at.');
  return value;
}

function clusterOf(taskArn: string): string {
  return must(taskArn.split('/')[1]);
}
