import { formatArn, parseArn } from '../../../kernel/arn.ts';
import type { Scope } from '../../../kernel/arn.ts';
import type { Ids } from '../../../kernel/ids.ts';
import { nineteenDigits } from '../domain/service-step.ts';

/** How daemons, their revisions, their deployments and daemon task definitions are named. */

export function daemonArn(scope: Scope, clusterName: string, name: string): string {
  return formatArn('ecs', scope, `daemon/${clusterName}/${name}`);
}

export function newDaemonRevisionArn(daemon: Scope & { readonly arn: string }, ids: Ids): string {
  return formatArn('ecs', daemon, `daemon-revision/${pathOf(daemon.arn)}/${nineteenDigits(ids)}`);
}

export function newDaemonDeploymentArn(daemon: Scope & { readonly arn: string }, ids: Ids): string {
  const id = Buffer.from(ids.bytes(16)).toString('base64url').slice(0, 21);
  return formatArn('ecs', daemon, `daemon-deployment/${pathOf(daemon.arn)}/${id}`);
}

function pathOf(arn: string): string {
  return (parseArn(arn)?.resource ?? '').replace(/^daemon\//, '');
}

/** The daemon that the ARN of a daemon, a revision or a deployment is of; undefined for any other. */
export function daemonOfArn(arn: string): string | undefined {
  const parsed = parseArn(arn);
  const match = /^daemon(?:-revision|-deployment)?\/([^/]+\/[^/]+)(?:\/[^/]+)?$/.exec(parsed?.resource ?? '');
  return parsed && match?.[1] ? formatArn('ecs', parsed, `daemon/${match[1]}`) : undefined;
}

export function clusterOfDaemon(arn: string): string {
  return arn.replace(/:daemon\/([^/]+)\/.*$/, ':cluster/$1');
}

const DEFINITION = 'daemon-task-definition/';

export function isDaemonDefinition(arn: string): boolean {
  return parseArn(arn)?.resource.startsWith(DEFINITION) ?? false;
}

export function daemonDefinitionArn(scope: Scope, family: string, number: number | '*'): string {
  return formatArn('ecs', scope, `${DEFINITION}${family}:${number}`);
}

/** `family`, `family:number`, or the ARN of either. */
export function parseDaemonDefinition(reference: string): { family: string; number?: number } | undefined {
  if (reference.startsWith('arn:') && !isDaemonDefinition(reference)) return undefined;
  const text = reference.startsWith('arn:') ? parseArn(reference)?.resource.slice(DEFINITION.length) : reference;
  const match = /^([A-Za-z0-9_-]{1,255})(?::(\d{1,9}))?$/.exec(text ?? '');
  if (!match?.[1]) return undefined;
  return match[2] === undefined ? { family: match[1] } : { family: match[1], number: Number(match[2]) };
}
