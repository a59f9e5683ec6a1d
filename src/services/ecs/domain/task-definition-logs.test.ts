import { test } from 'node:test';
import { normaliseTaskDefinition } from './task-definition.ts';
import { FARGATE, REGISTRY_HOST, WEB, refused } from './testing-task-definition.ts';

const LEAST = { 'awslogs-group': 'g', 'awslogs-region': 'us-east-1', 'awslogs-stream-prefix': 'ecs' };
const withOptions = (options: Record<string, string>) => ({
  executionRoleArn: 'pull',
  containerDefinitions: [{ ...WEB, logConfiguration: { logDriver: 'awslogs' as const, options } }],
});

test('the options of awslogs', () => {
  for (const more of [
    {},
    { 'awslogs-create-group': 'true' },
    { mode: 'blocking' },
    { mode: 'non-blocking', 'max-buffer-size': '25m' },
    { 'awslogs-datetime-format': '%Y-%m-%d' },
    { 'awslogs-multiline-pattern': '^\\[' },
  ]) {
    normaliseTaskDefinition({ ...FARGATE, ...withOptions({ ...LEAST, ...more }) }, REGISTRY_HOST);
  }
  refused(
    withOptions({ 'awslogs-group': 'g' }),
    /^Log driver awslogs requires options: awslogs-region, awslogs-group$/,
  );
  refused(withOptions({ ...LEAST, log_key: 'log' }), /^Log driver awslogs disallows options: log_key$/);
  refused(withOptions({ ...LEAST, mode: 'fast' }), /logging mode not supported: fast/);
  refused(withOptions({ ...LEAST, 'awslogs-multiline-pattern': '(' }), /could not parse multiline pattern/);
});
