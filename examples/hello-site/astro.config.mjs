import { defineConfig } from 'astro/config';

export default defineConfig({
  site: 'https://ecs-fargate.localhost',
  // One page: its styles travel with it, so that a task serves it in a single response.
  build: { inlineStylesheets: 'always' },
});
