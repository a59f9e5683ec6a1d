import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { cliOf, type Cli } from '../harness/cli.ts';
import { Longshore } from '../harness/longshore.ts';
import { until } from '../harness/until.ts';

/*
 * `aws elbv2`, `aws servicediscovery` and `aws application-autoscaling` of Debian's CLI: the operations and waiters that
 * the services' own tests leave out, on one server and without a container.
 */

let server: Longshore;
let aws: Cli;
let vpc: string;
let subnets: readonly string[];

before(async () => {
  server = await Longshore.start();
  aws = cliOf(server);
  const { Subnets } = await aws('ec2 describe-subnets');
  vpc = Subnets[0].VpcId;
  subnets = Subnets.map((subnet: any) => subnet.SubnetId);
});
after(() => server?.remove());

/** `--arn ARN --...` of an elbv2 resource's attributes, by key. */
async function attributes(line: string): Promise<Record<string, string>> {
  const { Attributes } = await aws(line);
  return Object.fromEntries(Attributes.map(({ Key, Value }: any) => [Key, Value]));
}

async function certificate(name: string): Promise<string> {
  const line = `acm request-certificate --validation-method DNS --domain-name ${name}`;
  const { CertificateArn } = await aws(line);
  await aws(`acm wait certificate-validated --certificate-arn ${CertificateArn}`);
  return CertificateArn;
}

describe('the rest of what the CLI knows', { concurrency: 4 }, () => {
  test('elbv2: a load balancer’s settings, its listeners’ certificates, and the end of both', async () => {
    const create = `elbv2 create-load-balancer --name parts --scheme internal --subnets ${subnets.slice(0, 2).join(' ')}`;
    const [{ LoadBalancers }, one, two] = await Promise.all([
      aws(create),
      certificate('one.localhost'),
      certificate('two.localhost'),
    ]);
    const balancer: string = LoadBalancers[0].LoadBalancerArn;
    const of = `--load-balancer-arn ${balancer}`;
    await aws(`elbv2 wait load-balancer-exists --load-balancer-arns ${balancer}`);
    await aws(`elbv2 wait load-balancer-available --load-balancer-arns ${balancer}`);
    assert.equal((await attributes(`elbv2 describe-load-balancer-attributes ${of}`))['routing.http2.enabled'], 'true');
    const { SecurityGroupIds } = await aws(
      `elbv2 set-security-groups ${of} --security-groups ${LoadBalancers[0].SecurityGroups[0]}`,
    );
    assert.deepEqual(SecurityGroupIds, LoadBalancers[0].SecurityGroups);
    const { AvailabilityZones } = await aws(`elbv2 set-subnets ${of} --subnets ${subnets.slice(0, 3).join(' ')}`);
    assert.deepEqual(AvailabilityZones.map((zone: any) => zone.SubnetId).toSorted(), subnets.slice(0, 3).toSorted());

    const answer = 'Type=fixed-response,FixedResponseConfig={StatusCode=200}';
    const listen = `elbv2 create-listener ${of} --protocol HTTPS --port 443 --certificates CertificateArn=${one}`;
    const { Listeners } = await aws(`${listen} --default-actions ${answer}`);
    const listener: string = Listeners[0].ListenerArn;
    await aws(`elbv2 add-listener-certificates --listener-arn ${listener} --certificates CertificateArn=${two}`);
    const certificates = `elbv2 describe-listener-certificates --listener-arn ${listener}`;
    assert.deepEqual((await aws(certificates)).Certificates, [
      { CertificateArn: one, IsDefault: true },
      { CertificateArn: two, IsDefault: false },
    ]);
    assert.match(await aws.refused(`acm delete-certificate --certificate-arn ${two}`), /^ResourceInUseException: /);
    const { Certificate } = await aws(`acm describe-certificate --certificate-arn ${two}`);
    assert.deepEqual(Certificate.InUseBy, [balancer]);
    await aws(`elbv2 remove-listener-certificates --listener-arn ${listener} --certificates CertificateArn=${two}`);
    await aws(`acm delete-certificate --certificate-arn ${two}`);
    const policy = 'ELBSecurityPolicy-TLS13-1-2-2021-06';
    const modified = await aws(`elbv2 modify-listener --listener-arn ${listener} --port 8443 --ssl-policy ${policy}`);
    assert.deepEqual([modified.Listeners[0].Port, modified.Listeners[0].SslPolicy], [8443, policy]);
    const { SslPolicies } = await aws(`elbv2 describe-ssl-policies --names ${policy}`);
    assert.deepEqual(SslPolicies[0].SslProtocols, ['TLSv1.2', 'TLSv1.3']);

    await aws(`elbv2 delete-listener --listener-arn ${listener}`);
    assert.deepEqual((await aws(`elbv2 describe-listeners ${of}`)).Listeners, []);
    await aws(`elbv2 delete-load-balancer ${of}`);
    await aws(`elbv2 wait load-balancers-deleted --load-balancer-arns ${balancer}`);
  });

  test('elbv2: a target group changes, its targets come and go; tags and limits', async () => {
    const create = `elbv2 create-target-group --name parts --protocol HTTP --port 80 --target-type ip --vpc-id ${vpc}`;
    const group: string = (await aws(`${create} --tags Key=a,Value=1`)).TargetGroups[0].TargetGroupArn;
    const of = `--target-group-arn ${group}`;
    const { TargetGroups } = await aws(
      `elbv2 modify-target-group ${of} --health-check-path /up --matcher HttpCode=204`,
    );
    assert.deepEqual([TargetGroups[0].HealthCheckPath, TargetGroups[0].Matcher], ['/up', { HttpCode: '204' }]);
    const delay = 'deregistration_delay.timeout_seconds';
    assert.equal((await attributes(`elbv2 describe-target-group-attributes ${of}`))[delay], '300');
    await aws(`elbv2 modify-target-group-attributes ${of} --attributes Key=${delay},Value=0`);
    const target = 'Id=172.31.0.77,Port=8080';
    await aws(`elbv2 register-targets ${of} --targets ${target}`);
    await aws(`elbv2 deregister-targets ${of} --targets ${target}`);
    await aws(`elbv2 wait target-deregistered ${of} --targets ${target}`);
    const health = await aws(`elbv2 describe-target-health ${of} --targets ${target}`);
    assert.equal(health.TargetHealthDescriptions[0].TargetHealth.Reason, 'Target.NotRegistered');
    await aws(`elbv2 add-tags --resource-arns ${group} --tags Key=b,Value=2`);
    await aws(`elbv2 remove-tags --resource-arns ${group} --tag-keys a`);
    const { TagDescriptions } = await aws(`elbv2 describe-tags --resource-arns ${group}`);
    assert.deepEqual(TagDescriptions, [{ ResourceArn: group, Tags: [{ Key: 'b', Value: '2' }] }]);
    const { Limits } = await aws('elbv2 describe-account-limits');
    assert.equal(Limits.find((limit: any) => limit.Name === 'target-groups').Max, '3000');
    await aws(`elbv2 delete-target-group ${of}`);
    assert.match(await aws.refused(`elbv2 describe-target-health ${of}`), /^TargetGroupNotFound: /);
  });

  const map = (line: string, ...more: readonly string[]) => aws(`servicediscovery ${line}`, ...more);
  /** Waits for an operation; answers its target. */
  async function finished({ OperationId }: { OperationId: string }): Promise<string> {
    return until('the operation is done', async () => {
      const { Operation } = await map(`get-operation --operation-id ${OperationId}`);
      assert.notEqual(Operation.Status, 'FAIL', Operation.ErrorMessage);
      return Operation.Status === 'SUCCESS' && String(Object.values(Operation.Targets)[0]);
    });
  }

  test('servicediscovery: every kind of namespace changes, and so does a service', async () => {
    const [http, hidden, open] = await Promise.all(
      [
        'create-http-namespace --name http.parts',
        `create-private-dns-namespace --name inside.parts --vpc ${vpc}`,
        'create-public-dns-namespace --name outside.parts',
      ].map(async (line) => finished(await map(line))),
    );
    await finished(await map(`update-http-namespace --id ${http} --namespace Description=changed`));
    await finished(await map(`update-public-dns-namespace --id ${open} --namespace Description=changed`));
    const soa = 'Description=changed,Properties={DnsProperties={SOA={TTL=60}}}';
    await finished(await map(`update-private-dns-namespace --id ${hidden} --namespace ${soa}`));
    const { Namespace } = await map(`get-namespace --id ${hidden}`);
    assert.deepEqual([Namespace.Description, Namespace.Properties.DnsProperties.SOA.TTL], ['changed', 60]);

    const dns = 'DnsRecords=[{Type=A,TTL=5},{Type=AAAA,TTL=5}]';
    const created = await map(`create-service --name web --namespace-id ${hidden} --dns-config ${dns}`);
    const service: string = created.Service.Id;
    assert.match(
      await aws.refused(`servicediscovery register-instance --service-id ${service} --instance-id a --attributes k=v`),
      /^InvalidInput: AWS_INSTANCE_IPV4 is required/,
    );
    const left = 'Description=changed,DnsConfig={DnsRecords=[{Type=A,TTL=7}]}';
    await finished(await map(`update-service --id ${service} --service ${left}`));
    const { Service } = await map(`get-service --id ${service}`);
    assert.deepEqual([Service.Description, Service.DnsConfig.DnsRecords], ['changed', [{ Type: 'A', TTL: 7 }]]);
    const register = `register-instance --service-id ${service} --instance-id a --attributes`;
    await finished(await map(`${register} AWS_INSTANCE_IPV4=10.0.0.1,k=v`));
    const { Instances } = await map(`list-instances --service-id ${service}`);
    assert.deepEqual(Instances, [{ Id: 'a', Attributes: { AWS_INSTANCE_IPV4: '10.0.0.1', k: 'v' } }]);
    const { Services } = await map(`list-services --filters Name=NAMESPACE_ID,Values=${hidden}`);
    assert.deepEqual([Services.length, Services[0].InstanceCount], [1, 1]);
    await finished(await map(`deregister-instance --service-id ${service} --instance-id a`));
    await map(`delete-service --id ${service}`);
    await Promise.all([http, hidden, open].map(async (id) => finished(await map(`delete-namespace --id ${id}`))));
    assert.deepEqual((await map('list-namespaces')).Namespaces, []);
  });

  test('application-autoscaling: what is put is described page by page, and deleted once', async () => {
    await aws('ecs create-cluster --cluster-name parts');
    const containers = JSON.stringify([{ name: 'web', image: '127.0.0.1:1/none' }]);
    const family = '--family parts --requires-compatibilities FARGATE --network-mode awsvpc --cpu 256 --memory 512';
    await aws(`ecs register-task-definition ${family} --container-definitions`, containers);
    const network = JSON.stringify({ awsvpcConfiguration: { subnets: subnets.slice(0, 1) } });
    const service =
      '--cluster parts --service-name web --task-definition parts --desired-count 0 --launch-type FARGATE';
    await aws(`ecs create-service ${service} --network-configuration`, network);

    const target =
      '--service-namespace ecs --scalable-dimension ecs:service:DesiredCount --resource-id service/parts/web';
    const scaling = (line: string, ...more: readonly string[]) => {
      const [operation, ...options] = line.split(' ');
      return aws([`application-autoscaling ${operation} ${target}`, ...options].join(' '), ...more);
    };
    const suspended = '--suspended-state DynamicScalingInSuspended=true';
    await scaling(`register-scalable-target --min-capacity 0 --max-capacity 4 ${suspended}`);
    const tracking = {
      TargetValue: 50,
      PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' },
    };
    const put = 'put-scaling-policy --policy-name';
    const track = '--policy-type TargetTrackingScaling --target-tracking-scaling-policy-configuration';
    await scaling(`${put} cpu ${track}`, JSON.stringify(tracking));
    const steps =
      'AdjustmentType=ChangeInCapacity,Cooldown=30,StepAdjustments=[{MetricIntervalLowerBound=0,ScalingAdjustment=1}]';
    await scaling(`${put} steps --policy-type StepScaling --step-scaling-policy-configuration ${steps}`);
    const describe = 'application-autoscaling describe-scaling-policies --service-namespace ecs --max-items 1';
    const first = await aws(describe);
    const rest = await aws(`${describe} --starting-token ${first.NextToken}`);
    assert.deepEqual(first.ScalingPolicies[0].TargetTrackingScalingPolicyConfiguration, tracking);
    assert.equal(rest.ScalingPolicies[0].StepScalingPolicyConfiguration.Cooldown, 30);
    await scaling(
      'put-scheduled-action --scheduled-action-name once --scalable-target-action MinCapacity=1 --schedule',
      'at(2099-01-01T00:00:00)',
    );
    await scaling('delete-scheduled-action --scheduled-action-name once');
    await scaling('delete-scaling-policy --policy-name steps');
    await scaling('deregister-scalable-target');
    const gone = [
      `delete-scaling-policy ${target} --policy-name cpu`,
      `delete-scheduled-action ${target} --scheduled-action-name once`,
    ];
    for (const line of gone) {
      assert.equal(await aws.code(`application-autoscaling ${line}`), 'ObjectNotFoundException');
    }
  });
});
