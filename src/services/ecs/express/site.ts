import type { Call } from '../../../api/context.ts';
import type { ServiceEnvironment } from '../../../api/service.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import type { EcsPorts } from '../operation.ts';
import type { ExpressConfiguration, ExpressGatewayRow, ExpressServiceRow } from './tables.ts';

/** What work on a part of an Express service is done with. */
export interface Site {
  readonly env: ServiceEnvironment<EcsPorts>;
  readonly row: ExpressServiceRow;
  readonly gateway: ExpressGatewayRow;
  /** What it is to be. */
  readonly wish: ExpressConfiguration;
  /** In the infrastructure role, whose policies decide. */
  readonly call: Call;
  /** As ECS itself, for what AWS does in accounts of its own: the endpoint's name, and the ECS service. */
  readonly own: Call;
}

/** One kind of part. Both may be asked again at any point: parts are found by their names. */
export interface PartWork {
  /** All that the part is made of: another wish is another part. */
  wish(of: Pick<Site, 'row' | 'wish'>): unknown;
  /** Answers whether it stands; false asks again later. */
  make(site: Site): Promise<boolean>;
  /** Answers whether it is gone; false asks again later. */
  remove(site: Site): Promise<boolean>;
}

const SESSION = 'ECSExpressGatewayService';

export function siteOf(env: Site['env'], row: ExpressServiceRow, gateway: ExpressGatewayRow): Site {
  return {
    env,
    row,
    gateway,
    wish: row.configurations[0],
    call: env.callIn(row, { role: { arn: row.infrastructureRoleArn, sessionName: SESSION } }),
    own: env.callIn(row, { sourceArn: row.arn }),
  };
}

/** What all that ECS makes is tagged with, and AWS's managed policy asks for. */
export function managedTags({ tags }: ExpressServiceRow): { Key: string; Value: string }[] {
  return [...Object.entries(tags), ['AmazonECSManaged', 'true']].map(([Key = '', Value = '']) => ({ Key, Value }));
}

export function managedTagMap({ tags }: ExpressServiceRow): Record<string, string> {
  return { ...tags, AmazonECSManaged: 'true' };
}

/** The gateway belongs to several services: it has none of their tags. */
export const GATEWAY_TAGS = [{ Key: 'AmazonECSManaged', Value: 'true' }];

/** What is asked for, or undefined where the answer is one of these errors. */
export async function unless<T>(asked: Promise<T>, ...codes: readonly string[]): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ServiceError && codes.includes(error.code)) return undefined;
    throw error;
  }
}
