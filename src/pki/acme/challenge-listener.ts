import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { dirname } from 'node:path';
import type { ChallengeAnswers } from '../acme.ts';

const PREFIX = '/.well-known/acme-challenge/';

/** Answers HTTP-01 challenges on a unix socket, to which the edge passes requests below /.well-known/acme-challenge/. */
export class ChallengeListener implements ChallengeAnswers {
  readonly #answers = new Map<string, string>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      const url = request.url ?? '';
      const answer = url.startsWith(PREFIX) ? this.#answers.get(url.slice(PREFIX.length)) : undefined;
      const headers = { 'content-type': 'application/octet-stream', connection: 'close' };
      response.writeHead(answer === undefined ? 404 : 200, headers).end(answer ?? 'There is no such challenge.\n');
    });
  }

  put(token: string, keyAuthorization: string): void {
    this.#answers.set(token, keyAuthorization);
  }

  remove(token: string): void {
    this.#answers.delete(token);
  }

  /** A socket that a crash left behind is taken over. */
  async listen(socketPath: string): Promise<void> {
    await mkdir(dirname(socketPath), { recursive: true, mode: 0o700 });
    await rm(socketPath, { force: true });
    this.#server.listen(socketPath);
    await once(this.#server, 'listening');
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}
