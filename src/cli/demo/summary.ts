import { type Home, type ServerState, homeFlag } from '../home.ts';
import type { Deployment } from './deployment.ts';
import { EXECUTION_POLICY, TRUST_POLICY } from './execution-role.ts';
import { HEALTH_PATH, NAMES, SITE_PORT, TASK_COUNT } from './names.ts';
import { registryHost } from './registry.ts';
import { taskDefinitionInput } from './task-definition.ts';

/** Where the page is, and the same walk with curl and the aws CLI. */
export function formatSummary(home: Home, server: ServerState, deployment: Deployment): string {
  const url = siteUrl(server);
  return [
    '',
    `  ${url}`,
    '',
    `  CA      ${home.caFile}   (add it to your browser's authorities, or accept its warning)`,
    `  curl    ${curlLine(home, server)}`,
    `  aws     eval "$(longshore env${homeFlag(home)})"`,
    '',
    '  The same with the aws CLI:',
    ...awsLines(deployment, server).map((line) => `    ${line}`),
    '',
  ].join('\n');
}

export function siteUrl(server: ServerState): string {
  const { httpsPort } = server.edge;
  return `https://${NAMES.domain}${httpsPort === 443 ? '' : `:${httpsPort}`}/`;
}

function curlLine(home: Home, server: ServerState): string {
  const { address, httpsPort } = server.edge;
  return `curl --cacert ${home.caFile} --resolve ${NAMES.domain}:${httpsPort}:${address} ${siteUrl(server)}`;
}

/** What the steps did, one call a line, with the names and ids of this deployment. */
export function awsLines(deployment: Deployment, server: ServerState): readonly string[] {
  const { image, placement, certificateArn, hostedZoneId, targetGroupArn, balancer } = deployment;
  const [subnetA, subnetB] = placement.subnetIds;
  const host = registryHost(image.repositoryUri);
  const balancerArn = balancer.LoadBalancerArn ?? '';
  const rule = `aws ec2 authorize-security-group-ingress --protocol tcp`;
  const redirect = `Type=redirect,RedirectConfig='{Protocol=HTTPS,Port=443,StatusCode=HTTP_301}'`;
  return [
    `aws ecr create-repository --repository-name ${NAMES.repository}`,
    `aws ecr get-login-password | docker login --username AWS --password-stdin ${host}`,
    `docker tag ${image.local} ${image.uri} && docker push ${image.uri}`,
    `aws ecs create-cluster --cluster-name ${NAMES.cluster}`,
    `aws logs create-log-group --log-group-name ${NAMES.logGroup}`,
    `aws iam create-role --role-name ${NAMES.executionRole} --assume-role-policy-document '${TRUST_POLICY}'`,
    `aws iam attach-role-policy --role-name ${NAMES.executionRole} --policy-arn ${EXECUTION_POLICY}`,
    registerLine(deployment, server),
    `aws ec2 create-security-group --vpc-id ${placement.vpcId} --group-name ${NAMES.balancerGroup} --description 'HTTP and HTTPS from anywhere'`,
    `aws ec2 create-security-group --vpc-id ${placement.vpcId} --group-name ${NAMES.taskGroup} --description 'HTTP from the load balancer only'`,
    `${rule} --group-id ${placement.balancerGroupId} --port 80 --cidr 0.0.0.0/0`,
    `${rule} --group-id ${placement.balancerGroupId} --port 443 --cidr 0.0.0.0/0`,
    `${rule} --group-id ${placement.taskGroupId} --port ${SITE_PORT} --source-group ${placement.balancerGroupId}`,
    `aws route53 create-hosted-zone --name ${NAMES.domain} --caller-reference demo`,
    `aws acm request-certificate --domain-name ${NAMES.domain} --validation-method DNS`,
    `aws elbv2 create-load-balancer --name ${NAMES.loadBalancer} --subnets ${subnetA} ${subnetB} --security-groups ${placement.balancerGroupId}`,
    `aws elbv2 create-target-group --name ${NAMES.targetGroup} --target-type ip --protocol HTTP --port ${SITE_PORT} --vpc-id ${placement.vpcId} --health-check-path ${HEALTH_PATH} --health-check-interval-seconds 5 --health-check-timeout-seconds 2 --healthy-threshold-count 2`,
    `aws elbv2 create-listener --load-balancer-arn ${balancerArn} --protocol HTTP --port 80 --default-actions ${redirect}`,
    `aws elbv2 create-listener --load-balancer-arn ${balancerArn} --protocol HTTPS --port 443 --certificates CertificateArn=${certificateArn} --default-actions Type=forward,TargetGroupArn=${targetGroupArn}`,
    `aws route53 change-resource-record-sets --hosted-zone-id ${hostedZoneId} --change-batch '${aliasBatch(deployment)}'`,
    `aws ecs create-service --cluster ${NAMES.cluster} --service-name ${NAMES.service} --task-definition ${NAMES.family} --desired-count ${TASK_COUNT} --launch-type FARGATE --network-configuration 'awsvpcConfiguration={subnets=[${subnetA},${subnetB}],securityGroups=[${placement.taskGroupId}],assignPublicIp=ENABLED}' --load-balancers targetGroupArn=${targetGroupArn},containerName=${NAMES.container},containerPort=${SITE_PORT}`,
    `aws ecs wait services-stable --cluster ${NAMES.cluster} --services ${NAMES.service}`,
  ];
}

function registerLine({ image, executionRoleArn }: Deployment, { region }: ServerState): string {
  const input = taskDefinitionInput(image.uri, executionRoleArn, region);
  return [
    `aws ecs register-task-definition --family ${NAMES.family} --requires-compatibilities FARGATE --network-mode awsvpc`,
    `--cpu ${input.cpu} --memory ${input.memory} --execution-role-arn ${input.executionRoleArn}`,
    `--container-definitions '${JSON.stringify(input.containerDefinitions)}'`,
  ].join(' ');
}

function aliasBatch({ balancer }: Deployment): string {
  const AliasTarget = {
    HostedZoneId: balancer.CanonicalHostedZoneId,
    DNSName: balancer.DNSName,
    EvaluateTargetHealth: false,
  };
  const ResourceRecordSet = { Name: NAMES.domain, Type: 'A', AliasTarget };
  return JSON.stringify({ Changes: [{ Action: 'UPSERT', ResourceRecordSet }] });
}
