import { parseArn } from '../kernel/arn.ts';
import type { Clock } from '../kernel/clock.ts';
import { RuntimeError } from '../kernel/errors.ts';
import { parseImageReference } from '../runtime/image-reference.ts';
import type { ContainerRuntime, ImageInfo, PullProgress } from '../runtime/runtime.ts';
import type { PullCredentials, TaskContainer, TaskSpec } from './executor.ts';

/** A caller that has just pulled an image by its digest may use the one that is there for so long. */
const ALLOWED_FOR_MS = 10 * 60 * 1000;

export interface ImagePullsOptions {
  readonly credentials: PullCredentials;
  readonly clock: Clock;
  readonly usesCachedImages?: boolean;
}

export interface Pulled {
  readonly image: ImageInfo;
  /** It was there, and was not pulled again. */
  readonly wasPresent: boolean;
}

/**
 * The pulls of one host. Tasks of one caller that want the same image at once share one pull. A tag is always pulled, as
 * on Fargate. A digest that is there is not, once the caller has shown by a pull of its own, by tag or by digest, that it
 * may: what one task's role pulled is not for another's; credentials are asked for each time. On an instance, whose images
 * are its owner's, one that is there will do where a pull fails, as the ECS agent has it.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-config.html
 */
export class ImagePulls {
  readonly #runtime: Pick<ContainerRuntime, 'pull' | 'inspectImage'>;
  readonly #credentials: PullCredentials;
  readonly #clock: Clock;
  readonly #usesCached: boolean;
  readonly #running = new Map<string, Promise<Pulled>>();
  /** When each caller last pulled each digest. */
  readonly #pulledAtMs = new Map<string, number>();

  constructor(
    runtime: Pick<ContainerRuntime, 'pull' | 'inspectImage'>,
    { credentials, clock, usesCachedImages = false }: ImagePullsOptions,
  ) {
    this.#runtime = runtime;
    this.#credentials = credentials;
    this.#clock = clock;
    this.#usesCached = usesCachedImages;
  }

  pull(task: TaskSpec, container: TaskContainer, onProgress?: (progress: PullProgress) => void): Promise<Pulled> {
    const key = pullKey(task, container);
    const running = this.#running.get(key);
    if (running) return running;
    const pull = this.#pull(key, task, container, onProgress).finally(() => this.#running.delete(key));
    this.#running.set(key, pull);
    return pull;
  }

  async #pull(
    key: string,
    task: TaskSpec,
    container: TaskContainer,
    onProgress?: (progress: PullProgress) => void,
  ): Promise<Pulled> {
    const auth = await this.#credentials(task, container);
    const { pullReference, pullFrom, pullSecret } = container;
    const { repository, digest } = parseImageReference(pullReference);
    const isOpen = pullFrom === 'public' && pullSecret === undefined;
    this.#forget();
    if (digest !== undefined && (isOpen || this.#pulledAtMs.has(key))) {
      const present = await this.#runtime.inspectImage(pullReference);
      if (present) return { image: { ...present, digest }, wasPresent: true };
    }
    const image = await this.#runtime.pull(pullReference, auth, onProgress).catch(async (error: unknown) => {
      const cached = this.#usesCached && error instanceof RuntimeError;
      return { failed: error, image: cached ? await this.#runtime.inspectImage(pullReference) : undefined };
    });
    if ('failed' in image) {
      if (!image.image) throw image.failed;
      return { image: image.image, wasPresent: true };
    }
    const pulled = digest ?? image.digest;
    if (pulled !== undefined) {
      const byDigest = { ...container, pullReference: `${repository}@${pulled}` };
      this.#pulledAtMs.set(pullKey(task, byDigest), this.#clock.now());
    }
    return { image, wasPresent: false };
  }

  #forget(): void {
    const beforeMs = this.#clock.now() - ALLOWED_FOR_MS;
    for (const [key, atMs] of this.#pulledAtMs) if (atMs <= beforeMs) this.#pulledAtMs.delete(key);
  }
}

/** One caller and one image: the role, the scope that it calls from, and the secret that it logs in with. */
function pullKey(task: TaskSpec, { image, pullReference, pullFrom, pullSecret }: TaskContainer): string {
  const arn = parseArn(task.taskArn);
  return JSON.stringify([arn?.account, arn?.region, task.executionRoleArn, pullFrom, image, pullReference, pullSecret]);
}
