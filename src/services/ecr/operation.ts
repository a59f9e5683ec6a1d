import type { Context } from '../../api/context.ts';
import { operationsOf } from '../../api/operation.ts';
import type { LayerTokens } from '../../registry/layer-token.ts';
import type { PullThroughCache } from '../../registry/pull-through/pull-through-cache.ts';
import type { UpstreamCredentials } from '../../registry/pull-through/upstream.ts';
import type { Registry } from '../../registry/registry.ts';
import type { RegistryTokens } from '../../registry/token.ts';
import type { ReplicationTargets } from './replication-targets.ts';
import type { ImageScanner } from './image-scanner.ts';

/** What the composition root lends ECR. */
export interface EcrPorts {
  readonly registry: Registry;
  readonly pullThrough: PullThroughCache;
  readonly upstreamCredentials: UpstreamCredentials;
  readonly replicationTargets: ReplicationTargets;
  readonly tokens: RegistryTokens;
  readonly layerTokens: LayerTokens;
  /** Where clients push and pull, e.g. `127.0.0.1:4566`: the front of every repository URI. */
  readonly registryHost: string;
  readonly lifecycle: LifecycleSettings;
  readonly scanner: ImageScanner;
}

export interface LifecycleSettings {
  /** How often each policy is evaluated; it is evaluated at once when it changes. AWS says within 24 hours. */
  readonly intervalMs: number;
  /** Leaves alone what ECS may pull any time. AWS has nothing like it. */
  readonly sparesImagesInUse: boolean;
}

export type EcrContext = Context<EcrPorts>;

export const operation = operationsOf<'ecr', EcrPorts>();
