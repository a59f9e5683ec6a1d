import type { ServerState } from '../home.ts';
import { CAPACITY, IMAGE_PARAMETER, userDataOf } from './capacity.ts';
import { providerInput } from './capacity-provider.ts';
import type { Deployment } from './deployment.ts';
import { EXECUTION_ROLE } from './execution-role.ts';
import { INSTANCE_ROLE } from './instance-role.ts';
import { targetTypeOf } from './load-balancer.ts';
import { registryHost } from './registry.ts';
import { backendPorts } from './security-groups.ts';
import { HEALTH_PATH, SHARED, SITE_PORT, type Site } from './site.ts';
import { taskDefinitionInput } from './task-definition.ts';

/** What the steps did for a site, one call a line, with the names and ids of its deployment. */
export function awsLines(site: Site, deployment: Deployment, server: ServerState): readonly string[] {
  const isOnInstances = site.launchType === 'EC2';
  return [
    // The other site has them from the first.
    ...(isOnInstances ? [] : sharedLines(deployment)),
    `aws ecs create-cluster --cluster-name ${site.cluster}`,
    `aws logs create-log-group --log-group-name ${site.logGroup}`,
    registerLine(site, deployment, server),
    ...groupLines(site, deployment),
    ...(isOnInstances ? capacityLines(site, deployment) : []),
    ...frontLines(site, deployment),
    serviceLine(site, deployment),
    `aws ecs wait services-stable --cluster ${site.cluster} --services ${site.service}`,
    ...(isOnInstances ? [CAPACITY.maxSize, CAPACITY.minSize].map((count) => countLine(site, count)) : []),
  ];
}

function sharedLines({ image }: Deployment): readonly string[] {
  return [
    `aws ecr create-repository --repository-name ${SHARED.repository}`,
    `aws ecr get-login-password | docker login --username AWS --password-stdin ${registryHost(image.repositoryUri)}`,
    `docker tag ${image.local} ${image.uri} && docker push ${image.uri}`,
    `aws iam create-role --role-name ${SHARED.executionRole} --assume-role-policy-document '${EXECUTION_ROLE.trustPolicy}'`,
    `aws iam attach-role-policy --role-name ${SHARED.executionRole} --policy-arn ${EXECUTION_ROLE.policyArn}`,
  ];
}

function groupLines(site: Site, { placement }: Deployment): readonly string[] {
  const create = `aws ec2 create-security-group --vpc-id ${placement.vpcId}`;
  const rule = `aws ec2 authorize-security-group-ingress --protocol tcp`;
  const { from, to } = backendPorts(site);
  const ports = from === to ? from : `${from}-${to}`;
  return [
    `${create} --group-name ${site.balancerGroup} --description 'HTTP and HTTPS from anywhere'`,
    `${create} --group-name ${site.backendGroup} --description 'HTTP from the load balancer only'`,
    `${rule} --group-id ${placement.balancerGroupId} --port 80 --cidr 0.0.0.0/0`,
    `${rule} --group-id ${placement.balancerGroupId} --port 443 --cidr 0.0.0.0/0`,
    `${rule} --group-id ${placement.backendGroupId} --port ${ports} --source-group ${placement.balancerGroupId}`,
  ];
}

function capacityLines(site: Site, { placement, groupArn = '' }: Deployment): readonly string[] {
  const { role, group, launchTemplate, provider, instanceType, minSize, maxSize } = CAPACITY;
  const { autoScalingGroupProvider } = providerInput(groupArn);
  const launchData = [
    `"ImageId":"'"$image"'"`,
    `"InstanceType":"${instanceType}"`,
    `"SecurityGroupIds":["${placement.backendGroupId}"]`,
    `"IamInstanceProfile":{"Name":"${role}"}`,
    `"UserData":"${Buffer.from(userDataOf(site.cluster)).toString('base64')}"`,
  ].join(',');
  return [
    `aws iam create-role --role-name ${role} --assume-role-policy-document '${INSTANCE_ROLE.trustPolicy}'`,
    `aws iam attach-role-policy --role-name ${role} --policy-arn ${INSTANCE_ROLE.policyArn}`,
    `aws iam create-instance-profile --instance-profile-name ${role}`,
    `aws iam add-role-to-instance-profile --instance-profile-name ${role} --role-name ${role}`,
    `image=$(aws ssm get-parameter --name ${IMAGE_PARAMETER} --query Parameter.Value --output text)`,
    `aws ec2 create-launch-template --launch-template-name ${launchTemplate} --launch-template-data '{${launchData}}'`,
    `aws autoscaling create-auto-scaling-group --auto-scaling-group-name ${group} --launch-template 'LaunchTemplateName=${launchTemplate},Version=$Latest' --min-size ${minSize} --max-size ${maxSize} --vpc-zone-identifier ${placement.subnetIds.join(',')} --new-instances-protected-from-scale-in`,
    `aws ecs create-capacity-provider --name ${provider} --auto-scaling-group-provider '${JSON.stringify(autoScalingGroupProvider)}'`,
    `aws ecs put-cluster-capacity-providers --cluster ${site.cluster} --capacity-providers ${provider} --default-capacity-provider-strategy capacityProvider=${provider},weight=1`,
  ];
}

function frontLines(site: Site, deployment: Deployment): readonly string[] {
  const { placement, certificateArn, hostedZoneId, targetGroupArn, balancer } = deployment;
  const listener = `aws elbv2 create-listener --load-balancer-arn ${balancer.LoadBalancerArn ?? ''}`;
  const redirect = `Type=redirect,RedirectConfig='{Protocol=HTTPS,Port=443,StatusCode=HTTP_301}'`;
  const healthCheck = `--health-check-path ${HEALTH_PATH} --health-check-interval-seconds 5 --health-check-timeout-seconds 2 --healthy-threshold-count 2`;
  return [
    `aws route53 create-hosted-zone --name ${site.domain} --caller-reference ${site.cluster}`,
    `aws acm request-certificate --domain-name ${site.domain} --validation-method DNS`,
    `aws elbv2 create-load-balancer --name ${site.loadBalancer} --subnets ${placement.subnetIds.join(' ')} --security-groups ${placement.balancerGroupId}`,
    `aws elbv2 create-target-group --name ${site.targetGroup} --target-type ${targetTypeOf(site)} --protocol HTTP --port ${SITE_PORT} --vpc-id ${placement.vpcId} ${healthCheck}`,
    `${listener} --protocol HTTP --port 80 --default-actions ${redirect}`,
    `${listener} --protocol HTTPS --port 443 --certificates CertificateArn=${certificateArn} --default-actions Type=forward,TargetGroupArn=${targetGroupArn}`,
    `aws route53 change-resource-record-sets --hosted-zone-id ${hostedZoneId} --change-batch '${aliasBatch(site, deployment)}'`,
  ];
}

function serviceLine(site: Site, { placement, targetGroupArn }: Deployment): string {
  const vpc = `subnets=[${placement.subnetIds.join(',')}],securityGroups=[${placement.backendGroupId}],assignPublicIp=ENABLED`;
  return [
    `aws ecs create-service --cluster ${site.cluster} --service-name ${site.service} --task-definition ${site.family} --desired-count ${site.taskCount}`,
    ...(site.launchType === 'EC2'
      ? []
      : [`--launch-type FARGATE --network-configuration 'awsvpcConfiguration={${vpc}}'`]),
    `--load-balancers targetGroupArn=${targetGroupArn},containerName=${SHARED.container},containerPort=${SITE_PORT}`,
  ].join(' ');
}

function countLine(site: Site, count: number): string {
  return `aws ecs update-service --cluster ${site.cluster} --service ${site.service} --desired-count ${count}`;
}

function registerLine(site: Site, { image, executionRoleArn }: Deployment, { region }: ServerState): string {
  const input = taskDefinitionInput(site, image.uri, executionRoleArn, region);
  return [
    `aws ecs register-task-definition --family ${site.family} --requires-compatibilities ${site.launchType} --network-mode ${input.networkMode}`,
    ...(input.cpu === undefined ? [] : [`--cpu ${input.cpu} --memory ${input.memory}`]),
    `--execution-role-arn ${input.executionRoleArn}`,
    `--container-definitions '${JSON.stringify(input.containerDefinitions)}'`,
  ].join(' ');
}

function aliasBatch({ domain }: Site, { balancer }: Deployment): string {
  const AliasTarget = {
    HostedZoneId: balancer.CanonicalHostedZoneId,
    DNSName: balancer.DNSName,
    EvaluateTargetHealth: false,
  };
  const ResourceRecordSet = { Name: domain, Type: 'A', AliasTarget };
  return JSON.stringify({ Changes: [{ Action: 'UPSERT', ResourceRecordSet }] });
}
