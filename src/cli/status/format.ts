import type { Service, Task } from '@aws-sdk/client-ecs';
import type { LoadBalancer } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Home, ServerState } from '../home.ts';
import type { Health } from '../server-process.ts';
import { formatTable } from '../table.ts';
import type { Inventory } from './inventory.ts';

export function formatStatus(home: Home, server: ServerState, health: Health, inventory: Inventory): string {
  return [
    `Longshore ${health.version} runs (process ${server.pid})`,
    `  endpoint   ${server.endpoint}   account ${server.account}, region ${server.region}`,
    `  edge       http://${server.edge.address}:${server.edge.httpPort}   https://${server.edge.address}:${server.edge.httpsPort}`,
    `  data       ${home.path}`,
    ...section(
      'Services',
      ['CLUSTER', 'NAME', 'STATUS', 'RUNNING', 'TASK DEFINITION'],
      inventory.services.map(serviceRow),
    ),
    ...section('Tasks', ['CLUSTER', 'ID', 'STATUS', 'GROUP', 'ADDRESS'], inventory.tasks.map(taskRow)),
    ...section('Load balancers', ['NAME', 'STATE', 'SCHEME', 'DNS NAME'], inventory.loadBalancers.map(balancerRow)),
  ].join('\n');
}

function section(title: string, header: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return ['', `${title}: none`];
  return [
    '',
    title,
    ...formatTable(header, rows)
      .split('\n')
      .map((line) => `  ${line}`),
  ];
}

function serviceRow(service: Service): readonly string[] {
  const running = `${service.runningCount ?? 0}/${service.desiredCount ?? 0}`;
  return [
    lastPart(service.clusterArn),
    service.serviceName ?? '',
    service.status ?? '',
    service.pendingCount ? `${running} (${service.pendingCount} pending)` : running,
    lastPart(service.taskDefinition),
  ];
}

function taskRow(task: Task): readonly string[] {
  const address = task.attachments
    ?.flatMap((attachment) => attachment.details ?? [])
    .find((detail) => detail.name === 'privateIPv4Address')?.value;
  return [lastPart(task.clusterArn), lastPart(task.taskArn), task.lastStatus ?? '', task.group ?? '', address ?? ''];
}

function balancerRow(balancer: LoadBalancer): readonly string[] {
  return [balancer.LoadBalancerName ?? '', balancer.State?.Code ?? '', balancer.Scheme ?? '', balancer.DNSName ?? ''];
}

/** What follows the last slash of an ARN. */
function lastPart(arn: string | undefined): string {
  return arn?.split('/').at(-1) ?? '';
}
