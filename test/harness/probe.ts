import type { Task } from '@aws-sdk/client-ecs';
import { logsTo, registerTask } from './site.ts';
import type { Site } from './site.ts';

export interface Probed {
  readonly task: Task;
  readonly exitCode: number | undefined;
  /** What it printed, from CloudWatch Logs. */
  readonly lines: readonly string[];
}

/** Runs shell scripts as one-off tasks beside a site's service: how the network looks from inside. */
export class Probe {
  readonly #site: Site;
  readonly #definition: Promise<string>;

  constructor(site: Site) {
    this.#site = site;
    this.#definition = registerTask(site.clients, `${site.name}-probe`, [
      {
        name: 'probe',
        image: site.parts.imageUri,
        entryPoint: ['/bin/sh', '-c'],
        command: ['true'],
        logConfiguration: logsTo(site.name),
      },
    ]);
  }

  /** With the tasks' own security group unless others are named. */
  async run(script: string, groupIds?: readonly string[]): Promise<Probed> {
    const overrides = { containerOverrides: [{ name: 'probe', command: [script] }] };
    const [started] = await this.#site.run(await this.#definition, { overrides, ...(groupIds ? { groupIds } : {}) });
    const task = await this.#site.stopped(started?.taskArn);
    return { task, exitCode: task.containers?.[0]?.exitCode, lines: await this.#site.logLines(task, 'probe') };
  }
}
