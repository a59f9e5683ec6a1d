import { readdirSync } from 'node:fs';
import { DescribeNetworkInterfacesCommand } from '@aws-sdk/client-ec2';
import { containersOf, namespacesOf, taskLinks } from './host.ts';
import { must } from './run.ts';
import type { TaskLab } from './task-lab.ts';
import { until } from './until.ts';

/** How much of each kind tasks have left on the host, or hold. */
interface Counts {
  readonly containers: number;
  readonly volumes: number;
  readonly cgroups: number;
  /** In the VPCs' namespaces. */
  readonly links: number;
  /** Of EC2. */
  readonly interfaces: number;
  readonly taskFolders: number;
}

const NOTHING: Counts = { containers: 0, volumes: 0, cgroups: 0, links: 0, interfaces: 0, taskFolders: 0 };

/** Counts what the tasks of a lab have on the host. */
export class Census {
  readonly instance: string;
  readonly #lab: TaskLab;

  private constructor(lab: TaskLab, instance: string) {
    this.#lab = lab;
    this.instance = instance;
  }

  static async of(lab: TaskLab): Promise<Census> {
    return new Census(lab, await lab.server.instanceId());
  }

  async counts(): Promise<Counts> {
    const [containers, volumes, namespaces, enis] = await Promise.all([
      containersOf(this.instance),
      must('docker', ['volume', 'ls', '--quiet', '--filter', `label=longshore.instance=${this.instance}`]),
      namespacesOf(this.instance),
      this.#lab.clients.ec2.send(new DescribeNetworkInterfacesCommand({})),
    ]);
    // One that nothing needs any more goes while it is looked at.
    const links = await Promise.all(namespaces.map((namespace) => taskLinks(namespace).catch(() => [])));
    return {
      containers: containers.length,
      volumes: volumes.split('\n').filter((line) => line !== '').length,
      cgroups: taskGroups(this.instance).length,
      links: links.flat().length,
      interfaces: (enis.NetworkInterfaces ?? []).filter((eni) => !eni.Description?.startsWith('ELB ')).length,
      taskFolders: foldersIn(`${this.#lab.server.home}/tasks`).length,
    };
  }

  /** Nothing is left of any task. */
  async untilEmpty(withinMs?: number): Promise<void> {
    let last: Counts = NOTHING;
    const isEmpty = async () => {
      last = await this.counts();
      return JSON.stringify(last) === JSON.stringify(NOTHING);
    };
    await until('nothing of the tasks is left', isEmpty, withinMs).catch((error: unknown) => {
      throw new Error(`${String(error)} ${JSON.stringify(last)}`);
    });
  }
}

/** Control groups of tasks, in every hierarchy of the kernel. */
function taskGroups(instance: string): string[] {
  const hierarchies = ['', ...foldersIn('/sys/fs/cgroup')].map((name) => `/sys/fs/cgroup/${name}`);
  return hierarchies.flatMap((folder) => foldersIn(`${folder}/longshore-${instance}`));
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((one) => one.isDirectory())
      .map(({ name }) => name);
  } catch {
    return []; // There is none.
  }
}
