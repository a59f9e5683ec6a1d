import { Agent as HttpAgent } from 'node:http';
import { Agent } from 'node:https';
import { getPage } from './page.ts';
import type { PageRequest } from './page.ts';
import { until } from './until.ts';

const PAUSE_MS = 10;

/** Clients that ask for one page over and over, half of them on connections that they keep, and note every answer. */
export class Visitors {
  /** How often each body came with status 200. */
  readonly answers = new Map<string, number>();
  /** What else came: other statuses, connections that broke. */
  readonly failures: string[] = [];
  /** When each of those requests had begun, in ms since 1970. */
  readonly failedSince: number[] = [];
  readonly #agents: HttpAgent[] = [];
  readonly #done: Promise<unknown>;
  #isOver = false;

  constructor(request: PageRequest, count = 4) {
    const loops = Array.from({ length: count }, (_, n) => {
      if (n % 2 === 0) return this.#visit(request);
      const options = { keepAlive: true, maxSockets: 1 };
      const agent = request.ca === undefined ? new HttpAgent(options) : new Agent(options);
      this.#agents.push(agent);
      return this.#visit({ ...request, agent });
    });
    this.#done = Promise.all(loops);
  }

  get total(): number {
    return [...this.answers.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Waits until so many more have been answered. */
  async answered(more = 20): Promise<void> {
    const before = this.total;
    await until('visitors are answered', async () => this.total >= before + more);
  }

  /** Does something between answers, so many before it and so many after it; then they stop. */
  async during(work: () => Promise<unknown>, answers = 20): Promise<void> {
    try {
      await this.answered(answers);
      await work();
      await this.answered(answers);
    } finally {
      await this.stop();
    }
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#done;
    for (const agent of this.#agents) agent.destroy();
  }

  async #visit(request: PageRequest): Promise<void> {
    const kind = request.agent ? 'kept' : 'new';
    while (!this.#isOver) {
      const beganAt = Date.now();
      try {
        const { status, body } = await getPage(request);
        const text = body.trim();
        if (status === 200) this.answers.set(text, (this.answers.get(text) ?? 0) + 1);
        else this.#failed(beganAt, `${status}: ${text.slice(0, 200)}`);
      } catch (error) {
        this.#failed(beganAt, `${kind} connection: ${String(error)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  #failed(beganAt: number, how: string): void {
    this.failedSince.push(beganAt);
    this.failures.push(`${new Date().toISOString()} after ${Date.now() - beganAt} ms: ${how}`);
  }
}
