import { ContinueServiceDeploymentCommand, DescribeServiceDeploymentsCommand } from '@aws-sdk/client-ecs';
import type { DeploymentConfiguration, DeploymentLifecycleHookStage, ServiceDeployment } from '@aws-sdk/client-ecs';
import {
  CreateRuleCommand,
  DescribeListenersCommand,
  DescribeRulesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AttachRolePolicyCommand, CreateRoleCommand } from '@aws-sdk/client-iam';
import { trusting } from './roles.ts';
import { createTargetGroup, given } from './site-parts.ts';
import type { Site } from './site.ts';
import { until } from './until.ts';

/** Requests with this header field go where those who test go. */
export const TEST_HEADER = { 'x-test': 'yes' };

const POLICY = 'arn:aws:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers';

/** A site whose deployments shift traffic between two target groups; its service was made as a rolling one. */
export class ShiftingSite {
  readonly site: Site;
  readonly #roleArn: string;
  readonly #alternate: string;
  readonly #rules: readonly [production: string, test: string];

  private constructor(site: Site, roleArn: string, alternate: string, rules: readonly [string, string]) {
    this.site = site;
    this.#roleArn = roleArn;
    this.#alternate = alternate;
    this.#rules = rules;
  }

  /** The production rule is the listener's default one; the test rule looks at a header field. */
  static async prepare(site: Site): Promise<ShiftingSite> {
    const { elbv2, iam } = site.clients;
    const { balancer, placement, targetGroupArn } = site.parts;
    const RoleName = `${site.name}-infrastructure`;
    const AssumeRolePolicyDocument = trusting({ Service: 'ecs.amazonaws.com' });
    const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: POLICY }));
    const alternate = await createTargetGroup(site.clients, `${site.name}-2`, placement.vpcId, 1);
    const { Listeners = [] } = await elbv2.send(
      new DescribeListenersCommand({ LoadBalancerArn: balancer.LoadBalancerArn }),
    );
    const ListenerArn = given(Listeners.find((one) => one.Port === 443)?.ListenerArn, 'ListenerArn');
    const { Rules = [] } = await elbv2.send(new DescribeRulesCommand({ ListenerArn }));
    const made = await elbv2.send(
      new CreateRuleCommand({
        ListenerArn,
        Priority: 1,
        Conditions: [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'x-test', Values: ['yes'] } }],
        Actions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
      }),
    );
    const rules = [Rules.find((rule) => rule.IsDefault), made.Rules?.[0]].map((rule) =>
      given(rule?.RuleArn, 'RuleArn'),
    );
    return new ShiftingSite(site, given(Role?.Arn, 'Role.Arn'), alternate, [given(rules[0], ''), given(rules[1], '')]);
  }

  async deploy(taskDefinition: string, deploymentConfiguration: DeploymentConfiguration): Promise<void> {
    const [productionListenerRule, testListenerRule] = this.#rules;
    const advancedConfiguration = {
      alternateTargetGroupArn: this.#alternate,
      productionListenerRule,
      testListenerRule,
      roleArn: this.#roleArn,
    };
    const { targetGroupArn } = this.site.parts;
    await this.site.update({
      taskDefinition,
      deploymentConfiguration,
      loadBalancers: [{ targetGroupArn, containerName: 'web', containerPort: 80, advancedConfiguration }],
    });
  }

  async deployment(): Promise<ServiceDeployment> {
    const { currentServiceDeployment: arn } = await this.site.service();
    const answer = await this.site.clients.ecs.send(
      new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [given(arn, 'currentServiceDeployment')] }),
    );
    return given(answer.serviceDeployments?.[0], 'service deployment');
  }

  async ended(status: string): Promise<ServiceDeployment> {
    let last: ServiceDeployment | undefined;
    try {
      return await until(`the service deployment is ${status}`, async () => {
        last = await this.deployment();
        return last.status === status && last;
      });
    } catch (error) {
      const { events = [], deployments } = await this.site.service();
      const said = events.slice(0, 8).map((event) => event.message);
      throw new Error(`${String(error)} It is: ${JSON.stringify({ last, said, deployments })}`, { cause: error });
    }
  }

  /** Waits until a hook pauses the deployment in a stage; answers the hook's id. */
  async paused(stage: DeploymentLifecycleHookStage, before?: string): Promise<string> {
    return until(`it pauses in ${stage}`, async () => {
      const { lifecycleHookDetails = [] } = await this.deployment();
      const run = lifecycleHookDetails.find((one) => one.status === 'AWAITING_ACTION' && one.hookId !== before);
      return run?.hookId;
    });
  }

  async goOn(hookId: string, action: 'CONTINUE' | 'ROLLBACK' = 'CONTINUE'): Promise<void> {
    const { serviceDeploymentArn } = await this.deployment();
    const command = new ContinueServiceDeploymentCommand({ serviceDeploymentArn, hookId, action });
    await this.site.clients.ecs.send(command);
  }

  /** Which version answers; those who test say so. */
  async version(headers: Readonly<Record<string, string>> = {}): Promise<string> {
    return (await this.site.get('/cgi-bin/version', headers)).body.trim();
  }
}

export const pauseAt = (stage: DeploymentLifecycleHookStage) => ({
  targetType: 'PAUSE' as const,
  lifecycleStages: [stage],
});
