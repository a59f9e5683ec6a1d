import { Agent } from 'node:https';
import { getPage } from './page.ts';
import type { Page, PageRequest } from './page.ts';

const PAUSE_MS = 10;

/** Clients that ask for one page over and over, half of them on connections that they keep, and note every answer. */
export class Visitors {
  /** How often each body came with status 200. */
  readonly answers = new Map<string, number>();
  /** What else came: other statuses, connections that broke. */
  readonly failures: string[] = [];
  readonly #agents: Agent[] = [];
  readonly #done: Promise<unknown>;
  #isOver = false;

  constructor(request: PageRequest, count = 4) {
    const loops = Array.from({ length: count }, (_, n) => {
      if (n % 2 === 0) return this.#visit(request);
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      this.#agents.push(agent);
      return this.#visit({ ...request, agent });
    });
    this.#done = Promise.all(loops);
  }

  get total(): number {
    return [...this.answers.values()].reduce((sum, count) => sum + count, 0);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#done;
    for (const agent of this.#agents) agent.destroy();
  }

  async #visit(request: PageRequest): Promise<void> {
    while (!this.#isOver) {
      try {
        this.#note(await getPage(request));
      } catch (error) {
        const kind = request.agent ? 'kept' : 'new';
        this.failures.push(`${new Date().toISOString()} ${kind} connection: ${String(error)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  #note({ status, body }: Page): void {
    if (status === 200) this.answers.set(body.trim(), (this.answers.get(body.trim()) ?? 0) + 1);
    else this.failures.push(`${new Date().toISOString()} ${status}: ${body.trim().slice(0, 200)}`);
  }
}
