import type { ECSExpressGatewayService } from '@aws-sdk/client-ecs';
import { openTestService } from '../../../api/testing.ts';
import type { FakeCalls, TestService } from '../../../api/testing.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import { ecs, taskReports } from '../index.ts';
import { must, RecordingExecutor, REGISTRY, RETENTION_MS } from '../testing.ts';
import { FakeAws } from '../testing-aws.ts';
import { FakeHooks } from '../testing-shift.ts';
import { FakeIngress } from './testing-ingress.ts';

export const EXECUTION_ROLE = 'arn:aws:iam::123456789012:role/execution';
export const INFRASTRUCTURE_ROLE = 'arn:aws:iam::123456789012:role/infrastructure';
export const CREATE = {
  serviceName: 'web',
  executionRoleArn: EXECUTION_ROLE,
  infrastructureRoleArn: INFRASTRUCTURE_ROLE,
  primaryContainer: { image: 'httpd:2.4' },
};

export interface TestExpress extends TestService<'ecs'> {
  readonly ingress: FakeIngress;
  /** ARNs of roles that let nobody in. */
  readonly untrusting: Set<string>;
  create(change?: object): Promise<string>;
  describe(serviceArn: string): Promise<ECSExpressGatewayService>;
  /** Lets time go on until `done`. */
  until(done: () => Promise<boolean>): Promise<void>;
}

/**
 * ECS over a faked EC2, ELB, ACM, Route 53, Logs and Application Auto Scaling; calls of ECS's own operations are real.
 * @param onCall called before and after each call of another service: a throw is a crash just there
 */
export function openTestExpress(onCall: () => void = () => {}): TestExpress {
  const aws = new FakeAws();
  const ingress = new FakeIngress();
  const untrusting = new Set<string>();
  const executor = new RecordingExecutor();
  const own =
    (name: 'CreateService' | 'UpdateService' | 'DeleteService' | 'DeregisterTaskDefinition') => (input: any) =>
      service.call(name, input);
  const all: FakeCalls = {
    ...aws.calls(),
    ...ingress.calls(),
    'ecs:CreateService': own('CreateService'),
    'ecs:UpdateService': own('UpdateService'),
    'ecs:DeleteService': own('DeleteService'),
    'ecs:DeregisterTaskDefinition': own('DeregisterTaskDefinition'),
  };
  const calls = Object.fromEntries(
    Object.entries(all).map(([name, answer]) => [
      name,
      async (input: any, scope: any) => {
        onCall();
        const answered = await answer(input, scope);
        onCall();
        return answered;
      },
    ]),
  );
  const ports = {
    executor,
    network: { connect: async () => {} },
    registryHost: REGISTRY,
    openSession: () => ({ sessionId: 's', streamUrl: 'ws://127.0.0.1/s', tokenValue: 't' }),
    stoppedTaskRetentionMs: RETENTION_MS,
    mayAssume: async (roleArn: string) => !untrusting.has(roleArn),
    hooks: new FakeHooks(),
    metrics: { put: async () => {} },
    managedScalingPeriodMs: 60_000,
    domain: 'localhost',
  };
  const service: TestService<'ecs'> = openTestService('ecs', ecs, ports, { calls });
  const deliver = taskReports(service.store, service.clock);
  return {
    ...service,
    ingress,
    untrusting,
    async create(change = {}) {
      const { service: made } = await service.call('CreateExpressGatewayService', { ...CREATE, ...change });
      return must(made?.serviceArn);
    },
    async describe(serviceArn) {
      const seen = await service.call('DescribeExpressGatewayService', { serviceArn, include: ['TAGS'] });
      return must(seen.service);
    },
    async until(done) {
      for (let turn = 0; turn < 900; turn++) {
        await service.reconcile();
        if (await done()) return;
        for (const [taskArn, { containers: specs }] of executor.specs) {
          const status = executor.desired(taskArn) ?? 'STOPPED';
          const containers = specs.map(({ name }) => ({ name, status, health: 'UNKNOWN' }) as const);
          await deliver({ taskArn, status, containers });
        }
        service.clock.advance(1000);
      }
      throw new ServiceError('Late', 'It did not get there in 900 seconds.');
    },
  };
}
