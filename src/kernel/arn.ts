/** Amazon Resource Names: `arn:partition:service:region:account:resource`. */
export interface Arn {
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly account: string;
  /** All that follows the account, e.g. `cluster/default` or `loadbalancer/app/web/50dc6c495c0c9188`. */
  readonly resource: string;
}

/** Where a resource lives: every region of every account keeps its own. */
export interface Scope {
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
}

export function formatArn(service: string, scope: { account?: string; region?: string }, resource: string): string {
  return `arn:aws:${service}:${scope.region ?? ''}:${scope.account ?? ''}:${resource}`;
}

/** Answers undefined for anything that is not an ARN. */
export function parseArn(text: string): Arn | undefined {
  const [prefix, partition, service, region, account, ...rest] = text.split(':');
  if (prefix !== 'arn' || !partition || !service || region === undefined || account === undefined) return undefined;
  const resource = rest.join(':');
  return resource ? { partition, service, region, account, resource } : undefined;
}

/** The key prefix and index value of everything in one region of one account. */
export function scopeKey(scope: Scope): string {
  return `${scope.account}/${scope.region}`;
}
