import type { Context } from '../../api/context.ts';
import { operationsOf } from '../../api/operation.ts';
import type { Registry } from '../../registry/registry.ts';
import type { RegistryTokens } from '../../registry/token.ts';

/** What the composition root lends ECR. */
export interface EcrPorts {
  readonly registry: Registry;
  readonly tokens: RegistryTokens;
  /** Where clients push and pull, e.g. `127.0.0.1:4566`: the front of every repository URI. */
  readonly registryHost: string;
}

export type EcrContext = Context<EcrPorts>;

export const operation = operationsOf<'ecr', EcrPorts>();
