import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { cliOf, type Cli } from '../harness/cli.ts';
import { Longshore } from '../harness/longshore.ts';

/*
 * Debian's aws CLI, which knows AWS from botocore's models and not from the SDK's schemas: an independent witness of
 * every service. Each service's test goes its own way, several at once.
 */

let server: Longshore;
let aws: Cli;
let refused: Cli['refused'];

before(async () => {
  server = await Longshore.start();
  aws = cliOf(server);
  ({ refused } = aws);
});

after(() => server?.remove());

function sorted(texts: readonly string[]): string[] {
  return texts.toSorted();
}

describe('the aws CLI', { concurrency: 4 }, () => {
  test('sts, and what is not here', async () => {
    assert.deepEqual(await aws('sts get-caller-identity'), {
      UserId: '123456789012',
      Account: '123456789012',
      Arn: 'arn:aws:iam::123456789012:root',
    });
    const said = await Promise.all([
      refused('kms list-keys'),
      refused(
        'iam create-virtual-mfa-device --virtual-mfa-device-name x --outfile /dev/null --bootstrap-method QRCodePNG',
      ),
      refused('lambda list-functions'),
      refused('dynamodb list-tables'),
      refused('logs describe-destinations'),
      refused('ec2 describe-spot-price-history'),
    ]);
    assert.deepEqual(said, [
      'NotSupported: Longshore does not support the service kms yet.',
      'NotSupported: Longshore does not support iam:CreateVirtualMFADevice yet.',
      'NotSupported: Longshore does not support the service lambda yet.',
      'NotSupported: Longshore does not support the service dynamodb yet.',
      'NotSupported: Longshore does not support logs:DescribeDestinations yet.',
      'NotSupported: Longshore does not support ec2:DescribeSpotPriceHistory yet.',
    ]);
  });

  test('ecs: clusters', async () => {
    const created = await aws('ecs create-cluster --cluster-name web --tags key=team,value=a');
    assert.equal(created.cluster.clusterArn, 'arn:aws:ecs:us-east-1:123456789012:cluster/web');
    assert.equal(created.cluster.status, 'ACTIVE');
    await Promise.all([aws('ecs create-cluster --cluster-name blue'), aws('ecs create-cluster --cluster-name red')]);
    const { clusters, failures } = await aws('ecs describe-clusters --clusters web nope --include TAGS');
    assert.deepEqual(clusters[0].tags, [{ key: 'team', value: 'a' }]);
    assert.deepEqual(failures, [{ arn: 'arn:aws:ecs:us-east-1:123456789012:cluster/nope', reason: 'MISSING' }]);

    const first = await aws('ecs list-clusters --max-items 2');
    const rest = await aws('ecs list-clusters --starting-token', first.NextToken);
    const names = ['blue', 'red', 'web'].map((name) => `arn:aws:ecs:us-east-1:123456789012:cluster/${name}`);
    assert.deepEqual(sorted([...first.clusterArns, ...rest.clusterArns]), names);
    assert.equal(first.clusterArns.length, 2);
    const pages = await aws('ecs list-clusters --page-size 1');
    assert.deepEqual(sorted(pages.clusterArns), names);

    const deleted = await aws('ecs delete-cluster --cluster web');
    assert.equal(deleted.cluster.status, 'INACTIVE');
    const said = await Promise.all([
      refused('ecs delete-cluster --cluster nope'),
      refused('ecs list-tasks --cluster nope'),
      refused('ecs create-cluster --cluster-name', 'bad name'),
      refused('ecs list-clusters --starting-token junk'),
    ]);
    assert.deepEqual(
      said.map((text) => text.split(':')[0]),
      [
        'ClusterNotFoundException',
        'ClusterNotFoundException',
        'InvalidParameterException',
        'InvalidParameterException',
      ],
    );
    assert.equal(said[0], 'ClusterNotFoundException: Cluster not found.');
  });

  test('ecs: task definitions', async () => {
    const register = ['--requires-compatibilities', 'FARGATE', '--network-mode', 'awsvpc', '--cpu', '256'];
    const containers = ['--container-definitions', '[{"name":"c","image":"i","portMappings":[{"containerPort":80}]}]'];
    const line = 'ecs register-task-definition --family site';
    const { taskDefinition } = await aws(line, '--memory', '512', ...register, ...containers);
    assert.equal(taskDefinition.taskDefinitionArn, 'arn:aws:ecs:us-east-1:123456789012:task-definition/site:1');
    assert.match(taskDefinition.registeredAt, /^\d{4}-\d\d-\d\dT/);
    const second = await aws(line, '--memory', '1024', ...register, ...containers);
    assert.equal(second.taskDefinition.revision, 2);
    const [described, listed, families, bad, missing] = await Promise.all([
      aws('ecs describe-task-definition --task-definition site'),
      aws('ecs list-task-definitions --family-prefix site --sort DESC'),
      aws('ecs list-task-definition-families'),
      refused(line, '--memory', '511', ...register, ...containers),
      refused('ecs describe-task-definition --task-definition site:3'),
    ]);
    assert.deepEqual(described.taskDefinition, second.taskDefinition);
    assert.deepEqual(
      listed.taskDefinitionArns.map((arn: string) => arn.split('/')[1]),
      ['site:2', 'site:1'],
    );
    assert.deepEqual(families, { families: ['site'] });
    assert.match(bad, /^ClientException: No Fargate configuration exists for given values: 256 CPU, 511 memory/);
    assert.match(missing, /^ClientException: Unable to describe task definition/);
    const gone = await aws('ecs deregister-task-definition --task-definition site:2');
    assert.equal(gone.taskDefinition.status, 'INACTIVE');
    assert.match((await aws('ecs list-task-definitions')).taskDefinitionArns.join(), /^[^,]*site:1$/);
  });

  test('ec2: vpcs and subnets', async () => {
    const { Vpcs } = await aws('ec2 describe-vpcs --filters Name=is-default,Values=true');
    assert.equal(Vpcs[0].CidrBlock, '172.31.0.0/16');
    assert.equal(Vpcs.length, 1);
    const [{ Subnets }, one, zones, unknown, filter, page] = await Promise.all([
      aws('ec2 describe-subnets --filters', `Name=vpc-id,Values=${Vpcs[0].VpcId}`),
      aws('ec2 describe-subnets --filters Name=availability-zone,Values=us-east-1b,us-east-1z'),
      aws('ec2 describe-availability-zones'),
      refused('ec2 describe-vpcs --vpc-ids vpc-0123456789abcdef0'),
      refused('ec2 describe-vpcs --filters Name=nonsense,Values=x'),
      aws('ec2 describe-route-tables --max-items 1'),
    ]);
    const cidrs = sorted(Subnets.map((subnet: any) => `${subnet.AvailabilityZone} ${subnet.CidrBlock}`));
    assert.deepEqual(cidrs, ['us-east-1a 172.31.0.0/20', 'us-east-1b 172.31.16.0/20', 'us-east-1c 172.31.32.0/20']);
    assert.deepEqual(
      one.Subnets.map((subnet: any) => subnet.AvailabilityZone),
      ['us-east-1b'],
    );
    assert.equal(zones.AvailabilityZones.length, 3);
    assert.equal(unknown, "InvalidVpcID.NotFound: The vpc ID 'vpc-0123456789abcdef0' does not exist");
    assert.equal(filter, "InvalidParameterValue: The filter 'nonsense' is invalid");
    assert.match(page.RouteTables[0].Routes.map((route: any) => route.GatewayId).join(), /^local,igw-[0-9a-f]{17}$/);
  });

  test('ec2: security groups and their rules', async () => {
    const create = ['ec2 create-security-group --group-name web --description', 'web servers'] as const;
    const tags = ['--tag-specifications', 'ResourceType=security-group,Tags=[{Key=team,Value=a}]'];
    const { GroupId } = await aws(...create, ...tags);
    assert.match(GroupId, /^sg-[0-9a-f]{17}$/);
    const allow = 'ec2 authorize-security-group-ingress --group-id';
    const http = [GroupId, ...'--protocol tcp --port 80 --cidr 0.0.0.0/0'.split(' ')];
    const ranges = 'IpRanges=[{CidrIp=10.0.0.0/8,Description=inside}]';
    const both = `IpProtocol=tcp,FromPort=443,ToPort=443,${ranges},UserIdGroupPairs=[{GroupId=${GroupId}}]`;
    const [, two] = await Promise.all([aws(allow, ...http), aws(allow, GroupId, '--ip-permissions', both)]);
    assert.equal(two.SecurityGroupRules.length, 2);
    const [{ SecurityGroups }, rules, again, malformed, duplicate] = await Promise.all([
      aws('ec2 describe-security-groups --filters Name=tag:team,Values=a Name=ip-permission.to-port,Values=443'),
      aws('ec2 describe-security-group-rules --filters', `Name=group-id,Values=${GroupId}`),
      refused(allow, ...http),
      refused(allow, GroupId, ...'--protocol tcp --port 80 --cidr junk'.split(' ')),
      refused(...create),
    ]);
    assert.equal(SecurityGroups.length, 1);
    const [group] = SecurityGroups;
    const secure = group.IpPermissions.find((permission: any) => permission.FromPort === 443);
    assert.deepEqual(secure.IpRanges, [{ CidrIp: '10.0.0.0/8', Description: 'inside' }]);
    assert.deepEqual(secure.UserIdGroupPairs, [{ GroupId, UserId: '123456789012' }]);
    assert.equal(group.IpPermissionsEgress[0].IpProtocol, '-1');
    assert.equal(rules.SecurityGroupRules.length, 4);
    assert.match(again, /^InvalidPermission\.Duplicate: .*peer: 0\.0\.0\.0\/0, TCP, from port: 80, to port: 80, ALLOW/);
    assert.match(malformed, /^InvalidParameterValue: CIDR block junk is malformed/);
    assert.match(duplicate, /^InvalidGroup\.Duplicate: The security group 'web' already exists for VPC 'vpc-/);
    assert.equal((await aws('ec2 revoke-security-group-ingress --group-id', ...http)).Return, true);
    await aws('ec2 delete-security-group --group-id', GroupId);
    assert.match(await refused('ec2 delete-security-group --group-id', GroupId), /^InvalidGroup\.NotFound: /);
    assert.match(await refused('ec2 delete-security-group --group-name default'), /^CannotDelete: /);
  });

  test('elbv2', async () => {
    const { Subnets } = await aws('ec2 describe-subnets');
    const [one, two] = Subnets;
    const create = 'elbv2 create-load-balancer --name lb --subnets';
    const balancers = await aws(create, one.SubnetId, two.SubnetId, '--scheme', 'internal');
    const balancer = balancers.LoadBalancers[0];
    const group = (name: string) =>
      aws(`elbv2 create-target-group --protocol HTTP --port 80 --target-type ip --name ${name}`, '--vpc-id', one.VpcId);
    const [{ TargetGroups }] = await Promise.all([group('tg-a'), group('tg-b')]);
    const target = TargetGroups[0].TargetGroupArn;
    const listen = 'elbv2 create-listener --protocol HTTP --port 80 --load-balancer-arn';
    const forward = `Type=forward,TargetGroupArn=${target}`;
    const { Listeners } = await aws(listen, balancer.LoadBalancerArn, '--default-actions', forward);
    const addRule = ['--priority', '10', '--conditions', 'Field=path-pattern,Values=/api/*', '--actions', forward];
    await aws('elbv2 create-rule --listener-arn', Listeners[0].ListenerArn, ...addRule);
    const [rules, page, marked, taken, missing, inUse, elsewhere] = await Promise.all([
      aws('elbv2 describe-rules --listener-arn', Listeners[0].ListenerArn),
      aws('elbv2 describe-target-groups --max-items 1'),
      aws('elbv2 describe-target-groups --page-size 1 --no-paginate'),
      refused(listen, balancer.LoadBalancerArn, '--default-actions', forward),
      refused('elbv2 describe-load-balancers --names nope'),
      refused('elbv2 delete-target-group --target-group-arn', target),
      refused(create, one.SubnetId, two.SubnetId, '--scheme', 'internet-facing'),
    ]);
    assert.deepEqual(
      rules.Rules.map((rule: any) => rule.Priority),
      ['10', 'default'],
    );
    const next = await aws('elbv2 describe-target-groups --starting-token', page.NextToken);
    const after = await aws('elbv2 describe-target-groups --page-size 1 --no-paginate --marker', marked.NextMarker);
    const names = (answers: any[]) =>
      answers.flatMap((found) => found.TargetGroups.map((tg: any) => tg.TargetGroupName));
    assert.deepEqual(sorted(names([page, next])), ['tg-a', 'tg-b']);
    assert.deepEqual(sorted(names([marked, after])), ['tg-a', 'tg-b']);
    assert.match(taken, /^DuplicateListener: /);
    assert.equal(missing, 'LoadBalancerNotFound: One or more load balancers not found');
    assert.match(inUse, /^ResourceInUse: Target group '.*' is currently in use by a listener or a rule/);
    assert.match(elsewhere, /^DuplicateLoadBalancerName: /);
    await aws('elbv2 delete-load-balancer --load-balancer-arn', balancer.LoadBalancerArn);
    await aws('elbv2 delete-target-group --target-group-arn', target);
    assert.match(await refused('elbv2 describe-target-groups --names tg-a'), /^TargetGroupNotFound: /);
  });

  test('acm', async () => {
    const line = 'acm request-certificate --validation-method DNS --domain-name';
    const [{ CertificateArn }, other] = await Promise.all([
      aws(line, 'www.example.com', '--subject-alternative-names', '*.example.com'),
      aws(line, 'b.example.com', '--tags', 'Key=team,Value=a'),
    ]);
    const unknown = CertificateArn.replace(/[^/]*$/, '00000000-0000-0000-0000-000000000000');
    const [{ Certificate }, page, tags, early, missing] = await Promise.all([
      aws('acm describe-certificate --certificate-arn', CertificateArn),
      aws('acm list-certificates --max-items 1'),
      aws('acm list-tags-for-certificate --certificate-arn', other.CertificateArn),
      refused('acm get-certificate --certificate-arn', CertificateArn),
      refused('acm describe-certificate --certificate-arn', unknown),
    ]);
    assert.equal(Certificate.Status, 'PENDING_VALIDATION');
    assert.deepEqual(Certificate.SubjectAlternativeNames, ['www.example.com', '*.example.com']);
    assert.match(Certificate.DomainValidationOptions[1].ResourceRecord.Name, /^_[0-9a-f]{32}\.example\.com\.$/);
    const next = await aws('acm list-certificates --starting-token', page.NextToken);
    const found = [page, next].flatMap((one) => one.CertificateSummaryList.map((item: any) => item.DomainName));
    assert.deepEqual(sorted(found), ['b.example.com', 'www.example.com']);
    assert.deepEqual(tags, { Tags: [{ Key: 'team', Value: 'a' }] });
    assert.match(early, /^RequestInProgressException: /);
    assert.equal(missing, `ResourceNotFoundException: Could not find certificate ${unknown}.`);
    await aws('acm delete-certificate --certificate-arn', CertificateArn);
    assert.match(
      await refused('acm delete-certificate --certificate-arn', CertificateArn),
      /^ResourceNotFoundException/,
    );
  });

  test('route53', async () => {
    const create = 'route53 create-hosted-zone --name example.com --caller-reference one';
    const { HostedZone, ChangeInfo } = await aws(create);
    const { Id } = HostedZone;
    assert.match(Id, /^\/hostedzone\/Z[0-9A-Z]+$/);
    assert.equal(HostedZone.Name, 'example.com.');
    const change = (Action: string, Name: string) => [
      `route53 change-resource-record-sets --hosted-zone-id ${Id} --change-batch`,
      JSON.stringify({
        Changes: [
          { Action, ResourceRecordSet: { Name, Type: 'A', TTL: 60, ResourceRecords: [{ Value: '10.0.0.1' }] } },
        ],
      }),
    ];
    const run = (make: typeof aws | typeof refused, [line = '', ...more]: string[]) => make(line, ...more);
    await run(aws, change('CREATE', 'www.example.com'));
    const list = 'route53 list-resource-record-sets --hosted-zone-id';
    const [page, exists, outside, again, notEmpty, missing, insync] = await Promise.all([
      aws(list, Id, '--max-items', '2'),
      run(refused, change('CREATE', 'www.example.com')),
      run(refused, change('CREATE', 'www.example.org')),
      refused(create),
      refused('route53 delete-hosted-zone --id', Id),
      refused('route53 get-hosted-zone --id Z0000000000000'),
      aws('route53 get-change --id', ChangeInfo.Id),
    ]);
    const next = await aws(list, Id, '--starting-token', page.NextToken);
    const types = [page, next].flatMap((one) => one.ResourceRecordSets.map((set: any) => `${set.Name} ${set.Type}`));
    assert.deepEqual(types, ['example.com. NS', 'example.com. SOA', 'www.example.com. A']);
    assert.match(
      exists,
      /^InvalidChangeBatch: \[Tried to create resource record set \[name='www\.example\.com\.', type='A'\] but it already exists\]/,
    );
    assert.match(outside, /^InvalidChangeBatch: \[RRSet with DNS name www\.example\.org\. is not permitted in zone/);
    assert.match(again, /^HostedZoneAlreadyExists: /);
    assert.match(notEmpty, /^HostedZoneNotEmpty: /);
    assert.equal(missing, 'NoSuchHostedZone: No hosted zone found with ID: Z0000000000000');
    assert.match(insync.ChangeInfo.Status, /^(PENDING|INSYNC)$/);
    await run(aws, change('DELETE', 'www.example.com'));
    await aws('route53 delete-hosted-zone --id', Id);
    assert.deepEqual((await aws('route53 list-hosted-zones')).HostedZones, []);
  });

  test('logs', async () => {
    const create = 'logs create-log-group --log-group-name';
    await Promise.all(['/t/a', '/t/b', '/t/c'].map((name) => aws(create, name)));
    const list = 'logs describe-log-groups --log-group-name-prefix /t';
    const page = await aws(`${list} --max-items 2`);
    const next = await aws(`${list} --starting-token`, page.NextToken);
    const names = [page, next].flatMap((one) => one.logGroups.map((group: any) => group.logGroupName));
    assert.deepEqual(names, ['/t/a', '/t/b', '/t/c']);
    const stream = '--log-group-name /t/a --log-stream-name s';
    await aws(`logs create-log-stream ${stream}`);
    const event = (message: string) => `timestamp=${Date.now()},message=${message}`;
    await aws(`logs put-log-events ${stream} --log-events`, event('one'), event('two ERROR'), event('three'));
    const [last, found, tail, exists, retention, missing] = await Promise.all([
      aws(`logs get-log-events ${stream} --limit 2`),
      aws('logs filter-log-events --log-group-name /t/a --filter-pattern ERROR'),
      server.aws(['logs', 'tail', '/t/a', '--since', '1h', '--format', 'short']),
      refused(create, '/t/a'),
      refused('logs put-retention-policy --log-group-name /t/a --retention-in-days 8'),
      refused('logs describe-log-streams --log-group-name /nope'),
    ]);
    const messages = (answer: any) => answer.events.map((one: any) => one.message);
    assert.deepEqual(messages(last), ['two ERROR', 'three']);
    assert.deepEqual(messages(found), ['two ERROR']);
    assert.match(tail.stdout, /one\n.*two ERROR\n.*three\n$/);
    assert.equal(exists, 'ResourceAlreadyExistsException: The specified log group already exists');
    assert.match(retention, /^InvalidParameterException: 1 validation error detected: Value '8' at 'retentionInDays'/);
    assert.equal(missing, 'ResourceNotFoundException: The specified log group does not exist.');
    await aws('logs delete-log-group --log-group-name /t/a');
    assert.match(await refused(`logs get-log-events ${stream}`), /^ResourceNotFoundException: /);
  });

  test('ecr', async () => {
    const create = 'ecr create-repository --repository-name';
    const [{ repository }] = await Promise.all([
      aws(create, 'app', '--image-tag-mutability', 'IMMUTABLE'),
      aws(create, 'team/b'),
    ]);
    assert.equal(repository.repositoryUri, `127.0.0.1:${server.port}/app`);
    assert.equal(repository.imageTagMutability, 'IMMUTABLE');
    const [page, exists, name, missing, image, empty] = await Promise.all([
      aws('ecr describe-repositories --max-items 1'),
      refused(create, 'app'),
      refused(create, 'Bad'),
      refused('ecr describe-repositories --repository-names nope'),
      refused('ecr describe-images --repository-name app --image-ids imageTag=x'),
      aws('ecr list-images --repository-name app'),
    ]);
    const next = await aws('ecr describe-repositories --starting-token', page.NextToken);
    const names = [page, next].flatMap((one) => one.repositories.map((found: any) => found.repositoryName));
    assert.deepEqual(sorted(names), ['app', 'team/b']);
    const where = "in the registry with id '123456789012'";
    assert.equal(exists, `RepositoryAlreadyExistsException: The repository with name 'app' already exists ${where}`);
    assert.match(
      name,
      /^InvalidParameterException: Invalid parameter at 'repositoryName' failed to satisfy constraint/,
    );
    assert.equal(missing, `RepositoryNotFoundException: The repository with name 'nope' does not exist ${where}`);
    assert.match(
      image,
      /^ImageNotFoundException: The image with imageId \{imageDigest:'null', imageTag:'x'\} does not/,
    );
    assert.deepEqual(empty, { imageIds: [] });
    await aws('ecr delete-repository --repository-name app');
    assert.match(await refused('ecr delete-repository --repository-name app'), /^RepositoryNotFoundException: /);
  });

  test('regions keep their own', async () => {
    const inEurope = ['--region', 'eu-west-1'];
    await aws('ecs create-cluster --cluster-name europe', ...inEurope);
    const [clusters, here, vpcs, zones, group] = await Promise.all([
      aws('ecs list-clusters', ...inEurope),
      aws('ecs describe-clusters --clusters europe'),
      aws('ec2 describe-vpcs', ...inEurope),
      aws('ec2 describe-availability-zones', ...inEurope),
      aws('logs create-log-group --log-group-name /same', ...inEurope),
    ]);
    assert.deepEqual(clusters.clusterArns, ['arn:aws:ecs:eu-west-1:123456789012:cluster/europe']);
    assert.equal(here.failures[0].reason, 'MISSING');
    assert.equal(group, undefined);
    assert.equal(zones.AvailabilityZones[0].ZoneName, 'eu-west-1a');
    const [{ Vpcs }, none, elsewhere] = await Promise.all([
      aws('ec2 describe-vpcs'),
      aws('logs describe-log-groups --log-group-name-prefix /same'),
      refused('ec2 describe-vpcs --vpc-ids', vpcs.Vpcs[0].VpcId),
    ]);
    assert.notEqual(Vpcs[0].VpcId, vpcs.Vpcs[0].VpcId);
    assert.equal(Vpcs[0].CidrBlock, vpcs.Vpcs[0].CidrBlock);
    assert.deepEqual(none.logGroups, []);
    assert.match(elsewhere, /^InvalidVpcID\.NotFound: /);
  });
});
