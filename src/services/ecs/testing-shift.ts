import { ServiceError } from '../../kernel/errors.ts';
import type { HookAnswer } from './domain/deployment-hooks.ts';
import type { DeploymentHooks } from './operation.ts';

const ELB = 'arn:aws:elasticloadbalancing:us-east-1:123456789012';

/** The rules of a load balancer: the weight of each target group. */
export class FakeRules {
  static readonly PRODUCTION = `${ELB}:listener-rule/app/lb/1/2/3`;
  static readonly TEST = `${ELB}:listener-rule/app/lb/1/4/5`;
  /** By rule, and then by target group. */
  readonly weights = new Map<string, Record<string, number>>([
    [FakeRules.PRODUCTION, {}],
    [FakeRules.TEST, {}],
  ]);
  /** What the production rule has been changed to, one after the other. */
  readonly history: Record<string, number>[] = [];
  /** A rule that ECS may not change. */
  refused: string | undefined;

  describe(arn: string): object {
    const weights = this.#weights(arn);
    const TargetGroups = Object.entries(weights).map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight }));
    return {
      Rules: [{ RuleArn: arn, IsDefault: false, Actions: [{ Type: 'forward', ForwardConfig: { TargetGroups } }] }],
    };
  }

  modify(input: { readonly RuleArn: string; readonly Actions: readonly any[] }): object {
    if (input.RuleArn === this.refused) throw new ServiceError('AccessDenied', 'not this one');
    this.#weights(input.RuleArn);
    const groups: readonly { TargetGroupArn: string; Weight: number }[] = input.Actions[0].ForwardConfig.TargetGroups;
    const weights = Object.fromEntries(groups.map((group) => [group.TargetGroupArn, group.Weight]));
    this.weights.set(input.RuleArn, weights);
    if (input.RuleArn === FakeRules.PRODUCTION) this.history.push(weights);
    return {};
  }

  #weights(arn: string): Record<string, number> {
    const found = this.weights.get(arn);
    if (!found) throw new ServiceError('RuleNotFoundException', 'One or more rules not found');
    return found;
  }
}

/** Endpoints and tasks of lifecycle hooks. */
export class FakeHooks implements DeploymentHooks {
  /** Every event that was posted. */
  readonly heard: any[] = [];
  /** What is answered next; SUCCEEDED where nothing is said. */
  readonly answers: (HookAnswer | Error)[] = [];
  /** Of the task that runs for a hook, once it has stopped. */
  exitCode: number | undefined;
  /** What RunTask was asked for, by its client token. */
  readonly tasks = new Map<string, any>();
  readonly #onEffect: () => void;

  constructor(onEffect: () => void = () => {}) {
    this.#onEffect = onEffect;
  }

  allows(url: URL): boolean {
    return url.host === 'hooks.test';
  }

  async post(_url: URL, event: unknown): Promise<HookAnswer> {
    this.#onEffect();
    this.heard.push(event);
    const answer = this.answers.shift() ?? { hookStatus: 'SUCCEEDED' };
    if (answer instanceof Error) throw answer;
    this.#onEffect();
    return answer;
  }

  runTask(input: { readonly clientToken: string }): object {
    this.tasks.set(input.clientToken, input);
    return { tasks: [{ taskArn: 'arn:aws:ecs:us-east-1:123456789012:task/default/hook' }] };
  }

  describeTask(): object {
    const { exitCode } = this;
    const lastStatus = exitCode === undefined ? 'RUNNING' : 'STOPPED';
    return { tasks: [{ lastStatus, containers: [{ exitCode }] }] };
  }
}
