import { Command } from 'commander';
import type { DemoOptions } from '../demo/options.ts';
import { homeOption, portText } from './options.ts';

const EXAMPLES = `
Examples:
  npm run demo                 deploys, prints the addresses, scales out and in, stays up until Ctrl-C
  npm run demo -- --once       deploys into a home of its own, checks everything, removes everything`;

export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'Build a small site, push it, run it on Fargate and on EC2 instances behind load balancers, and answer over HTTPS.',
    )
    .option('--once', 'check that it works, then remove everything; the exit code tells')
    .addOption(homeOption())
    .option('--port <port>', "the AWS endpoint's port (default: 4566, or a free one)", portText)
    .option('--http-port <port>', "the edge's HTTP port", portText)
    .option('--https-port <port>', "the edge's HTTPS port", portText)
    .addHelpText('after', EXAMPLES)
    .action(async (options: DemoOptions) => {
      const { runDemo } = await import('../demo/demo.ts');
      await runDemo(options);
    });
}
