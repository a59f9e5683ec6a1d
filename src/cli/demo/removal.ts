import { rmSync } from 'node:fs';
import type { ListrTask } from 'listr2';
import { systemClock } from '../../kernel/clock.ts';
import { CliError } from '../cli-error.ts';
import type { Home } from '../home.ts';
import { stopServer } from '../server-process.ts';
import { resetHome } from '../server-reset.ts';
import { removeImages } from './image-cleanup.ts';
import { leftoversOf } from './leftovers.ts';
import type { Walk } from './steps.ts';

/**
 * Stops the server that the demo started, removes all that it made on this host, and looks whether anything is left.
 * @param isNew whether the demo made this home; one that was there before keeps what else is in it
 */
export function removalSteps(home: Home, isNew: boolean): readonly ListrTask<Walk>[] {
  const isKept = (walk: Walk) => !isNew || walk.server?.isOurs === false;
  return [
    {
      title: 'Stop the server',
      skip: (walk) => walk.server?.isOurs === false && 'it was running before',
      task: async () => void (await stopServer(home, systemClock)),
    },
    {
      title: 'Remove its images from the engine',
      task: (walk) => removeImages(walk.image?.repositoryUri, walk.siteImage?.reference),
    },
    {
      title: 'Remove what it made on this host',
      skip: (walk) => isKept(walk) && `${home.path} was there before`,
      task: (_walk, task) => resetHome(home, (line) => (task.output = line)),
    },
    {
      title: 'Nothing is left: no container, namespace, process or file',
      skip: (walk) => isKept(walk) && `${home.path} was there before`,
      task: async (walk) => {
        const left = walk.server ? await leftoversOf(home, walk.server.state.instanceId) : [];
        rmSync(home.path, { recursive: true, force: true });
        if (left.length > 0) throw new CliError(`left behind:\n${left.map((line) => `  ${line}`).join('\n')}`);
      },
    },
  ];
}
