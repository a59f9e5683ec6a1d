import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ACMClient } from '@aws-sdk/client-acm';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECRClient } from '@aws-sdk/client-ecr';
import { ECSClient } from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { IAMClient } from '@aws-sdk/client-iam';
import { S3Client } from '@aws-sdk/client-s3';
import { Route53Client } from '@aws-sdk/client-route-53';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { ServiceDiscoveryClient } from '@aws-sdk/client-servicediscovery';
import { STSClient } from '@aws-sdk/client-sts';
import { takeAddressBlock } from './address-block.ts';
import type { AddressBlock } from './address-block.ts';
import { freePorts } from './free-ports.ts';
import { forgetImages } from './registry.ts';
import { AWS_CLI } from './aws-cli.ts';
import { run } from './run.ts';
import type { Ran } from './run.ts';
import { until } from './until.ts';

const SERVER = join(import.meta.dirname, '../../src/server/main.ts');

export interface Options {
  readonly auth?: 'strict' | 'permissive';
  readonly args?: readonly string[];
}

/** A real server in a data folder of its own, with clients that are not ours. */
export class Longshore {
  readonly home: string;
  readonly port: number;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly #options: Options;
  readonly #block: AddressBlock;
  #child: ChildProcess | undefined;
  #log = '';

  private constructor(home: string, ports: readonly number[], block: AddressBlock, options: Options) {
    this.home = home;
    [this.port = 0, this.httpPort = 0, this.httpsPort = 0] = ports;
    this.#block = block;
    this.#options = options;
  }

  /** Starts one; give it to `t.after` or `after` with `remove`. */
  static async start(options: Options = {}): Promise<Longshore> {
    const home = await mkdtemp(join(tmpdir(), 'ls-'));
    const server = new Longshore(home, await freePorts(3), await takeAddressBlock(), options);
    try {
      await server.up();
      return server;
    } catch (error) {
      await server.remove();
      throw error;
    }
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What the server has printed since it was started. */
  get log(): string {
    return this.#log;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts the server (again) on the same home and ports, and waits until it answers. */
  async up(): Promise<void> {
    const child = this.boot();
    await until('the server is ready', async () => {
      if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}:\n${this.#log}`);
      return (await this.health()) !== undefined && this.#log.includes('Longshore is ready');
    });
  }

  /** Starts the server, and does not wait. */
  boot(): ChildProcess {
    const settings = {
      home: this.home,
      port: String(this.port),
      'log-level': 'debug',
      'http-port': String(this.httpPort),
      'https-port': String(this.httpsPort),
      'transit-cidr': this.#block.transit,
      'public-cidr': this.#block.public,
      auth: this.#options.auth ?? 'strict',
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    const args = [SERVER, ...flags, ...(this.#options.args ?? [])];
    this.#log = '';
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.#log += text));
    }
    return child;
  }

  async health(): Promise<Record<string, unknown> | undefined> {
    try {
      const answer = await fetch(`${this.endpoint}/_longshore/health`);
      return answer.ok ? ((await answer.json()) as Record<string, unknown>) : undefined;
    } catch {
      return undefined;
    }
  }

  /** As a power cut: no handler runs. */
  async kill9(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  /** Stops it and takes everything of it off the machine, what the engine has pulled from it too. */
  async remove(): Promise<void> {
    await this.#end('SIGTERM');
    const reset = await run(process.execPath, [SERVER, 'reset', '--home', this.home]);
    await forgetImages(`127.0.0.1:${this.port}`);
    this.#block.release();
    if (reset.code !== 0 && !reset.stderr.includes('is not the data folder')) {
      throw new Error(`The reset failed: ${reset.stderr}`);
    }
    await rm(this.home, { recursive: true, force: true });
  }

  async file(name: string): Promise<string> {
    return readFile(join(this.home, name), 'utf8');
  }

  async instanceId(): Promise<string> {
    return (await this.file('instance')).trim();
  }

  async credentials(): Promise<{ accessKeyId: string; secretAccessKey: string }> {
    return JSON.parse(await this.file('credentials.json'));
  }

  /** Clients of the AWS SDK as any user makes them. */
  async clients(
    overrides: {
      region?: string;
      credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
    } = {},
  ) {
    const config = {
      endpoint: this.endpoint,
      region: 'us-east-1',
      credentials: await this.credentials(),
      maxAttempts: 1,
      ...overrides,
    };
    return {
      acm: new ACMClient(config),
      autoscaling: new ApplicationAutoScalingClient(config),
      groups: new AutoScalingClient(config),
      cloudwatch: new CloudWatchClient(config),
      servicediscovery: new ServiceDiscoveryClient(config),
      cloudtrail: new CloudTrailClient(config),
      ec2: new EC2Client(config),
      ecr: new ECRClient(config),
      ecs: new ECSClient(config),
      elbv2: new ElasticLoadBalancingV2Client(config),
      iam: new IAMClient(config),
      logs: new CloudWatchLogsClient(config),
      route53: new Route53Client(config),
      s3: new S3Client({ ...config, forcePathStyle: true }),
      secretsmanager: new SecretsManagerClient(config),
      ssm: new SSMClient(config),
      sts: new STSClient(config),
    };
  }

  /** Debian's aws CLI: the independent witness. Answers what it printed; `env` overrides credentials. */
  async aws(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
    const { accessKeyId, secretAccessKey } = await this.credentials();
    return run(AWS_CLI, ['--endpoint-url', this.endpoint, '--output', 'json', ...args], {
      env: {
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_DEFAULT_REGION: 'us-east-1',
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_PAGER: '',
        AWS_CONFIG_FILE: '/dev/null',
        AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
        ...env,
      },
    });
  }

  /** The CLI's answer, parsed. Throws with what it printed when it failed. */
  async awsJson(args: readonly string[]): Promise<any> {
    const ran = await this.aws(args);
    if (ran.code !== 0) throw new Error(`aws ${args.join(' ')}: ${ran.stderr}`);
    return ran.stdout.trim() === '' ? undefined : JSON.parse(ran.stdout);
  }
}
