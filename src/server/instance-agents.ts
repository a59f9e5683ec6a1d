import type { Call } from '../api/context.ts';
import type { CallAs } from '../api/service.ts';
import type { InstanceDriver, InstanceSeen } from '../instances/instance-driver.ts';
import type { Scope } from '../kernel/arn.ts';
import { sleep } from '../kernel/clock.ts';
import type { Clock } from '../kernel/clock.ts';
import { ServiceError, messageOf } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { metadataTree, readMetadata } from '../services/ec2/index.ts';
import type { MetadataRecord } from '../services/ec2/index.ts';
import type { AgentReports, RegisteredInstance } from '../services/ecs/index.ts';
import type { AgentConsole } from './agent-console.ts';
import { readAgentConfig } from './agent-config.ts';
import type { AgentConfig } from './agent-config.ts';
import { registrationOf } from './agent-registration.ts';
import { EC2, profileRole } from './instance-role.ts';

const CONFIG = '/etc/ecs/ecs.config';
const LOOK_EVERY_MS = 10_000;
/** While an instance is on its way. */
const LOOK_SOON_MS = 500;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 60_000;
/** How long a container instance is shown that has left its cluster. */
const SHOWN_MS = 60 * 60 * 1000;

export interface AgentParts {
  readonly driver: InstanceDriver;
  readonly reports: AgentReports;
  readonly console: AgentConsole;
  /** The EC2 instance with this id; undefined once nothing knows it. */
  readonly find: (instanceId: string) => Promise<MetadataRecord | undefined>;
  /** Calls as EC2, which hands an instance its role. */
  readonly callIn: (scope: Scope, as?: CallAs) => Call;
  readonly clock: Clock;
  readonly log: Log;
}

/** How far an instance's agent has come in this boot of the instance. */
interface Progress {
  readonly bootId: string;
  readonly isRegistered: boolean;
  readonly tries: number;
  readonly nextAtMs: number;
  /** Its configuration says to drain at the notice of a Spot interruption, which it has not done yet. */
  readonly drainsOnSpotNotice: boolean;
}

/**
 * The Amazon ECS container agent of every ECS-optimized instance on this host, as far as ECS sees it: it registers the
 * instance, once its user data has run, under the role of its instance profile; its connection is lost as the instance
 * stops; and what was terminated leaves its cluster. Level-triggered: a restarted server registers anew what runs, which
 * answers the same container instance.
 */
export class InstanceAgents {
  readonly #parts: AgentParts;
  readonly #progress = new Map<string, Progress>();
  readonly #closing = new AbortController();
  #wake = () => {};
  #loops: readonly Promise<void>[] = [];

  constructor(parts: AgentParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#loops = [this.#look(), this.#listen()];
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake();
    await Promise.all(this.#loops);
  }

  /** Something happened to an instance: it is looked at now. */
  nudge(): void {
    this.#wake();
  }

  /** One look at all instances; answers whether one of them is still on its way. */
  async look(): Promise<boolean> {
    const { driver, reports } = this.#parts;
    const seen = await driver.list();
    let rows = await reports.list();
    let isWaiting = false;
    for (const instance of seen) {
      if (this.#isDue(instance)) await this.#register(instance, rows);
      isWaiting ||= this.#isOnItsWay(instance);
    }
    rows = await reports.list();
    for (const row of rows)
      await this.#follow(
        row,
        seen.find((one) => one.instanceId === row.ec2InstanceId),
      );
    for (const instanceId of this.#progress.keys()) {
      if (seen.some((one) => one.instanceId === instanceId)) continue;
      this.#progress.delete(instanceId);
      this.#parts.console.forget(instanceId);
    }
    return isWaiting;
  }

  async #look(): Promise<void> {
    const { clock, log } = this.#parts;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const nudged = new AbortController();
      this.#wake = () => nudged.abort();
      const isWaiting = await this.look().catch((error: unknown) => {
        log.warn('the agents of instances could not be looked after', { error: messageOf(error) });
        return false;
      });
      await sleep(clock, isWaiting ? LOOK_SOON_MS : LOOK_EVERY_MS, nudged.signal);
    }
  }

  /** What is missed here the next look finds. */
  async #listen(): Promise<void> {
    const { driver, clock } = this.#parts;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        for await (const _ of driver.events(signal)) this.#wake();
      } catch {
        // The engine is away: so are its instances.
      }
      await sleep(clock, FIRST_RETRY_MS, signal);
      this.#wake();
    }
  }

  #isConnected(seen: InstanceSeen | undefined): boolean {
    const known = seen && this.#progress.get(seen.instanceId);
    return seen?.engineReady === true && known?.bootId === seen.bootId && known.isRegistered;
  }

  /** It registers soon. One that was refused again and again waits for its next try. */
  #isOnItsWay(seen: InstanceSeen): boolean {
    if (seen.state !== 'running' || this.#isConnected(seen)) return false;
    const known = this.#progress.get(seen.instanceId);
    return known?.bootId !== seen.bootId || known.nextAtMs <= this.#parts.clock.now() + LOOK_EVERY_MS;
  }

  #isDue({ instanceId, bootId, state, engineReady, userData }: InstanceSeen): boolean {
    if (state !== 'running' || !engineReady || (userData !== 'done' && userData !== 'failed')) return false;
    const known = this.#progress.get(instanceId);
    if (known?.bootId !== bootId) return true;
    return !known.isRegistered && known.nextAtMs <= this.#parts.clock.now();
  }

  async #register({ instanceId, bootId }: InstanceSeen, rows: readonly RegisteredInstance[]): Promise<void> {
    const { clock } = this.#parts;
    const before = this.#progress.get(instanceId);
    const tries = (before?.bootId === bootId ? before.tries : 0) + 1;
    const outcome = await this.#tryToRegister(instanceId, rows);
    const isRegistered = typeof outcome !== 'string';
    if (!isRegistered) this.#say(instanceId, `[ERROR] Unable to register as a container instance with ECS: ${outcome}`);
    const nextAtMs = clock.now() + Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (tries - 1));
    const drainsOnSpotNotice = isRegistered && outcome.drainsOnSpotNotice;
    this.#progress.set(instanceId, { bootId, isRegistered, tries, nextAtMs, drainsOnSpotNotice });
  }

  /** Answers its configuration, or why it could not. */
  async #tryToRegister(instanceId: string, rows: readonly RegisteredInstance[]): Promise<string | AgentConfig> {
    const { driver, find, callIn } = this.#parts;
    try {
      const record = await find(instanceId);
      if (!record) return 'EC2 does not know the instance';
      const role = await profileRole(callIn, record.row);
      if (!role) return 'NoCredentialProviders: the instance has no instance profile with a role';
      const config = readAgentConfig((await driver.readFile(instanceId, CONFIG))?.toString('utf8') ?? '');
      for (const warning of config.warnings) this.#say(instanceId, `[WARN] ${warning}`);
      const call = callIn(record.row, { role: { arn: role.arn, sessionName: instanceId, service: EC2 } });
      const known = rows.filter((row) => row.ec2InstanceId === instanceId);
      const saved = known.find((row) => isOfCluster(row, config));
      const left = saved ? undefined : known.find((row) => row.status !== 'INACTIVE');
      if (left) return mismatch(left, config);
      const input = registrationOf({
        record,
        config,
        instanceTags: config.propagatesTags ? await tagsOf(call, instanceId) : {},
        identityDocument: await documentOf(record),
        engineVersion: (await driver.runtimeOf(instanceId).info()).version,
        ...(saved ? { containerInstanceArn: saved.arn } : {}),
      });
      const arn = await registerIn(call, input);
      this.#say(instanceId, `[INFO] Registered container instance with cluster ${config.cluster}: ${arn}`);
      return config;
    } catch (error) {
      return error instanceof ServiceError ? `${error.code}: ${error.message}` : messageOf(error);
    }
  }

  /** What is known of a container instance whose instance has stopped, or is gone. */
  async #follow(row: RegisteredInstance, seen: InstanceSeen | undefined): Promise<void> {
    const { reports, find, clock } = this.#parts;
    const isConnected = this.#isConnected(seen);
    if (row.status === 'INACTIVE') {
      const isOld = clock.now() - (row.deregisteredAtMs ?? 0) > SHOWN_MS;
      return isOld && !seen ? reports.forget(row.arn) : undefined;
    }
    // An agent that is about to register, after a restart of this server, was never away.
    const isOnItsWay = seen?.engineReady === true && !this.#progress.has(seen.instanceId);
    if (row.agentConnected !== isConnected && !isOnItsWay) await reports.connection(row.arn, isConnected);
    if (seen?.state === 'running') return isConnected ? this.#heedSpotNotice(row) : undefined;
    const state = (await find(row.ec2InstanceId))?.row.state ?? 'terminated';
    if (state === 'terminated' || state === 'shutting-down') await reports.terminated(row.arn);
  }

  /**
   * As Amazon's agent does, which asks the instance's metadata for the notice.
   * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-instance-spot.html
   */
  async #heedSpotNotice({ ec2InstanceId, arn, clusterArn, status }: RegisteredInstance): Promise<void> {
    const { find, callIn } = this.#parts;
    const known = this.#progress.get(ec2InstanceId);
    if (!known?.drainsOnSpotNotice || status !== 'ACTIVE') return;
    const record = await find(ec2InstanceId);
    const interruption = record?.row.spot?.interruption;
    if (!record || !interruption || record.row.metadata.httpEndpoint === 'disabled') return;
    const role = await profileRole(callIn, record.row);
    if (!role) return;
    const { behavior: action = 'terminate' } = record.row.spot ?? {};
    const time = new Date(interruption.at).toISOString();
    this.#say(
      ec2InstanceId,
      `[INFO] Received a spot interruption (${action}) scheduled for ${time}, setting state to DRAINING`,
    );
    const call = callIn(record.row, { role: { arn: role.arn, sessionName: ec2InstanceId, service: EC2 } });
    try {
      const input = { cluster: clusterArn, containerInstances: [arn], status: 'DRAINING' as const };
      await call('ecs', 'UpdateContainerInstancesState', input);
      this.#progress.set(ec2InstanceId, { ...known, drainsOnSpotNotice: false });
    } catch (error) {
      this.#say(ec2InstanceId, `[ERROR] Error setting instance [ARN: ${arn}] state to DRAINING: ${messageOf(error)}`);
    }
  }

  #say(instanceId: string, line: string): void {
    const { console, clock, log } = this.#parts;
    if (console.say(instanceId, line)) log.info('an agent of an instance', { instanceId, line, at: clock.now() });
  }
}

/** ECS_CLUSTER is a name or an ARN. */
function isOfCluster({ clusterArn }: RegisteredInstance, { cluster }: AgentConfig): boolean {
  return nameOf(clusterArn) === nameOf(cluster);
}

const nameOf = (cluster: string) => cluster.split('/').at(-1) ?? '';

/** Amazon's agent, too, stays out of another cluster than the one it knows itself to be in. */
function mismatch({ arn, clusterArn }: RegisteredInstance, { cluster }: AgentConfig): string {
  return `Data mismatch; saved cluster '${nameOf(clusterArn)}' does not match configured cluster '${cluster}'. Deregister ${arn} first.`;
}

/** The agent makes the default cluster where there is none. */
async function registerIn(call: Call, input: ReturnType<typeof registrationOf>): Promise<string> {
  const register = async () => {
    const { containerInstance } = await call('ecs', 'RegisterContainerInstance', input);
    return containerInstance?.containerInstanceArn ?? '';
  };
  try {
    return await register();
  } catch (error) {
    if (!(error instanceof ServiceError && error.code === 'ClusterNotFoundException' && input.cluster === 'default')) {
      throw error;
    }
    await call('ecs', 'CreateCluster', { clusterName: 'default' });
    return register();
  }
}

async function documentOf(record: MetadataRecord): Promise<string> {
  const path = ['dynamic', 'instance-identity', 'document'];
  return String(await readMetadata(metadataTree(record, undefined), path, undefined));
}

async function tagsOf(call: Call, instanceId: string): Promise<Record<string, string>> {
  const Filters = [{ Name: 'resource-id', Values: [instanceId] }];
  const { Tags = [] } = await call('ec2', 'DescribeTags', { Filters });
  return Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]));
}
