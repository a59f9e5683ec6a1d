import { operationsOf } from '../../api/operation.ts';
import { formatArn } from '../../kernel/arn.ts';
import type { NameAnswers, Names } from '../../network/dns/names.ts';

export interface Route53Ports {
  readonly names: Names & NameAnswers;
  /** The server's own domain, e.g. `longshore.localhost`; the name servers of every zone stand under it. */
  readonly domain: string;
}

export const operation = operationsOf<'route53', Route53Ports>();

/** Ids come with or without their path: `/hostedzone/Z1`, `hostedzone/Z1`, `Z1`. */
export function bareId(id: string | undefined): string {
  return (id ?? '').replace(/^\/?(hostedzone|change|healthcheck)\//, '');
}

export function checkArn(id: string | undefined): string {
  return formatArn('route53', {}, `healthcheck/${bareId(id)}`);
}

export function zoneArn(id: string | undefined): string {
  return formatArn('route53', {}, `hostedzone/${bareId(id)}`);
}
