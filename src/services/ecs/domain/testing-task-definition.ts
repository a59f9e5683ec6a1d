import assert from 'node:assert/strict';
import type { Definition } from './task-definition-rules.ts';
import { normaliseTaskDefinition } from './task-definition.ts';

export const REGISTRY_HOST = '127.0.0.1:4566';

export const WEB = { name: 'web', image: 'httpd:2.4', portMappings: [{ containerPort: 80 }] };

/** The least that Fargate runs. */
export const FARGATE: Definition = {
  family: 'site',
  requiresCompatibilities: ['FARGATE'],
  networkMode: 'awsvpc',
  cpu: '256',
  memory: '512',
  containerDefinitions: [WEB],
};

/** Of a definition for container instances, on a bridge. */
export const ON_BRIDGE: Definition = {
  family: 'site',
  networkMode: 'bridge',
  containerDefinitions: [{ ...WEB, memory: 128 }],
};

/** RegisterTaskDefinition refuses `base` with this change; a member that is undefined is taken away. */
export function refused(
  change: { readonly [K in keyof Definition]?: Definition[K] | undefined },
  message: RegExp,
  base = FARGATE,
): void {
  const definition = Object.fromEntries(
    Object.entries({ ...base, ...change }).filter(([, value]) => value !== undefined),
  ) as typeof base;
  assert.throws(
    () => normaliseTaskDefinition(definition, REGISTRY_HOST),
    { code: 'ClientException', message },
    String(message),
  );
}
