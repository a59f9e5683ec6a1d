import { formatArn, parseArn } from '../../../kernel/arn.ts';
import type { Scope } from '../../../kernel/arn.ts';
import { invalidParameter } from '../errors.ts';

/** Clusters, services, tasks and task definitions are named by short name or by ARN; rows are keyed by ARN. */

export function clusterArn(scope: Scope, reference: string | undefined): string {
  const text = reference ?? 'default';
  return text.startsWith('arn:') ? text : formatArn('ecs', scope, `cluster/${text}`);
}

export function clusterNameOf(arn: string): string {
  return parseArn(arn)?.resource.replace(/^cluster\//, '') ?? arn;
}

/** @throws InvalidParameterException for an ARN of another cluster's service */
export function serviceArn(scope: Scope, clusterName: string, reference: string): string {
  return memberArn('service', scope, clusterName, reference);
}

/** @throws InvalidParameterException for an ARN of another cluster's task */
export function taskArn(scope: Scope, clusterName: string, reference: string): string {
  return memberArn('task', scope, clusterName, reference);
}

/** @throws InvalidParameterException for an ARN of another cluster's container instance */
export function containerInstanceArn(scope: Scope, clusterName: string, reference: string): string {
  return memberArn('container-instance', scope, clusterName, reference);
}

function memberArn(kind: string, scope: Scope, clusterName: string, reference: string): string {
  if (!reference.startsWith('arn:')) return formatArn('ecs', scope, `${kind}/${clusterName}/${reference}`);
  const [, cluster, name] = parseArn(reference)?.resource.split('/') ?? [];
  if (name !== undefined && cluster !== clusterName) {
    throw invalidParameter(`Invalid identifier: Identifier is for ${cluster}. Your cluster is ${clusterName}`);
  }
  return reference;
}

/** `family`, `family:number`, or the ARN of either. */
export function parseTaskDefinition(reference: string): { family: string; number?: number } | undefined {
  const text = reference.startsWith('arn:')
    ? parseArn(reference)?.resource.replace(/^task-definition\//, '')
    : reference;
  const match = /^([A-Za-z0-9_-]{1,255})(?::(\d{1,9}))?$/.exec(text ?? '');
  if (!match?.[1]) return undefined;
  return match[2] === undefined ? { family: match[1] } : { family: match[1], number: Number(match[2]) };
}

export function taskDefinitionArn(scope: Scope, family: string, number: number): string {
  return formatArn('ecs', scope, `task-definition/${family}:${number}`);
}
