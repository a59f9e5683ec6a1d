import { RuntimeError } from '../kernel/errors.ts';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import { pauseProgram } from './pause-program.ts';
import { tarOfProgram } from './tar-archive.ts';

/** The image of the container that holds a task's network namespace. */
export const PAUSE_IMAGE = 'longshore/pause:1';

/** Makes the pause image on this host, once, out of nothing: no registry, no package. */
export async function ensurePauseImage(
  runtime: Pick<ContainerRuntime, 'inspectImage' | 'importImage'>,
  reference: string = PAUSE_IMAGE,
): Promise<void> {
  if (await runtime.inspectImage(reference)) return;
  const program = pauseProgram(process.arch);
  if (!program) throw new RuntimeError('rejected', `There is no pause container for the architecture ${process.arch}`);
  await runtime.importImage(tarOfProgram('pause', program), reference, ['ENTRYPOINT ["/pause"]']);
}
