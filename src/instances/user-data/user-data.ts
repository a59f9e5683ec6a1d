import { messageOf } from '../../kernel/errors.ts';
import { Allowance } from './allowance.ts';
import { partsOfUserData } from './parts.ts';
import { readCloudConfig } from './cloud-config.ts';
import type { CloudConfig } from './cloud-config.ts';
import { quoted } from './shell-words.ts';

const MOST_BYTES = 4 * 1024 * 1024;
/** YAML takes a while to read. */
const MOST_YAML_BYTES = 256 * 1024;

/** What the init of an instance does with user data: lines for its shell, and the files that they name. */
export interface UserDataPlan {
  /** `run_part NAME`, `put_file PATH MODE OWNER NAME [append]` and `refuse WHY`, as container/init.sh has them. */
  readonly firstBoot: readonly string[];
  readonly everyBoot: readonly string[];
  readonly parts: readonly { readonly name: string; readonly bytes: Buffer }[];
}

/**
 * Plans user data in cloud-init's order: at every boot its boothooks and bootcmd; at the first one the files, then the
 * scripts as they come, then runcmd. What is not supported becomes a line of the console, and makes it fail.
 */
export function planUserData(userData: Buffer): UserDataPlan {
  const plan = new Planner();
  const configs: CloudConfig[] = [];
  const late: string[] = [];
  const allowance = new Allowance(MOST_BYTES);
  const readConfig = configReader(allowance);
  for (const part of partsOfUserData(userData, allowance)) {
    if (part.kind === 'refused') plan.firstBoot.push(refuse(part.why));
    else if (part.kind === 'cloud-config') configs.push(readConfig(part.text));
    else if (part.kind === 'script') late.push(plan.run(part.bytes, 'part'));
    else if (part.kind === 'script-per-boot') plan.everyBoot.push(plan.run(part.bytes, 'per-boot'));
    else plan.everyBoot.push(plan.run(part.bytes, 'boothook'));
  }
  for (const config of configs) plan.addConfig(config);
  const commands = configs.flatMap(({ runCommands }) => (runCommands === undefined ? [] : [runCommands]));
  const runs = commands.map((script) => plan.run(Buffer.from(script), 'runcmd'));
  return { firstBoot: [...plan.firstBoot, ...late, ...runs], everyBoot: plan.everyBoot, parts: plan.parts };
}

function configReader(allowance: Allowance): (text: string) => CloudConfig {
  const ofYaml = new Allowance(MOST_YAML_BYTES);
  return (text) => {
    try {
      ofYaml.take(text.length);
    } catch (error) {
      return { files: [], refused: [`the cloud-config is not read: ${messageOf(error)}`] };
    }
    return readCloudConfig(text, allowance);
  };
}

class Planner {
  readonly firstBoot: string[] = [];
  readonly everyBoot: string[] = [];
  readonly parts: { name: string; bytes: Buffer }[] = [];

  /** The line that runs a script. */
  run(bytes: Buffer, kind: string): string {
    return `run_part ${this.#keep(bytes, kind)}`;
  }

  addConfig({ files, bootCommands, refused }: CloudConfig): void {
    this.firstBoot.push(...refused.map(refuse));
    if (bootCommands !== undefined) this.everyBoot.push(this.run(Buffer.from(bootCommands), 'bootcmd'));
    for (const { path, bytes, mode, owner, append } of files) {
      const words = [path, mode, owner, this.#keep(bytes, 'file')].map(quoted);
      this.firstBoot.push(`run_step put_file ${words.join(' ')}${append ? ' append' : ''}`);
    }
  }

  #keep(bytes: Buffer, kind: string): string {
    const name = `${kind}-${String(this.parts.length + 1).padStart(3, '0')}`;
    this.parts.push({ name, bytes });
    return name;
  }
}

function refuse(why: string): string {
  return `refuse ${quoted(why.replaceAll(/[^\x20-\x7e]/g, '?'))}`;
}
