import type { Clock } from '../../kernel/clock.ts';
import { RuntimeError, messageOf } from '../../kernel/errors.ts';

/** A registry that moves nothing for so long is taken for dead; a transfer that goes on may last. */
const STALL_MS = 30_000;
const MOST_REDIRECTS = 5;

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: AsyncIterable<Uint8Array>;
  /** How long nothing may move; half a minute where left out. */
  readonly stallMs?: number | undefined;
}

export interface HttpLine {
  readonly clock: Clock;
  /** Gives everything up when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  /** Where it came from in the end. */
  readonly url: URL;
  readonly body: AsyncGenerator<Uint8Array, void>;
  /** Instead of reading the body. */
  discard(): Promise<void>;
}

/**
 * HTTP to registries: follows redirects of GET and HEAD (blobs are often elsewhere), taking `Authorization` to no other
 * host, and never from HTTPS down to HTTP.
 * @throws RuntimeError `temporary` when nobody answers, `rejected` for a redirect that is not followed
 */
export async function sendHttp(request: HttpRequest, line: HttpLine): Promise<HttpResponse> {
  let { url, headers } = request;
  for (let redirects = 0; ; redirects++) {
    const response = await sendOnce({ ...request, url, headers }, line);
    const location = response.headers.get('location');
    const isRedirect = [301, 302, 303, 307, 308].includes(response.status) && location !== null;
    if (!isRedirect || (request.method !== 'GET' && request.method !== 'HEAD')) return response;
    await response.discard();
    const target = URL.parse(location, url.href);
    if (!target || redirects === MOST_REDIRECTS) throw refusedRedirect(url, 'it leads nowhere');
    if (url.protocol === 'https:' && target.protocol !== 'https:') throw refusedRedirect(url, 'it leaves HTTPS');
    if (target.protocol !== 'https:' && target.protocol !== 'http:') throw refusedRedirect(url, 'it leaves HTTP');
    if (target.host !== url.host) headers = withoutAuthorization(headers);
    url = target;
  }
}

/** Reads a small body whole. @throws RuntimeError `rejected` if it is longer */
export async function bytesOf(body: AsyncIterable<Uint8Array>, mostBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > mostBytes) throw new RuntimeError('rejected', `The registry's answer exceeds ${mostBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function sendOnce(request: HttpRequest, line: HttpLine): Promise<HttpResponse> {
  const { url, method, headers, body, stallMs = STALL_MS } = request;
  const stall = new StallGuard(line.clock, stallMs);
  try {
    const response = await fetch(url, {
      method,
      // Bytes as they are: digests and lengths are of those.
      headers: { 'User-Agent': 'longshore', 'Accept-Encoding': 'identity', ...headers },
      redirect: 'manual',
      signal: line.signal ? AbortSignal.any([stall.signal, line.signal]) : stall.signal,
      ...(body && { body: stall.watch(body), duplex: 'half' as const }),
    });
    const { status, headers: answered, body: received } = response;
    const discard = async () => received?.cancel();
    return { status, headers: answered, url, body: bodyOf(received ?? [], stall, url), discard };
  } catch (error) {
    throw unreachable(url, error);
  } finally {
    stall.stop();
  }
}

async function* bodyOf(
  received: AsyncIterable<Uint8Array> | readonly Uint8Array[],
  stall: StallGuard,
  url: URL,
): AsyncGenerator<Uint8Array, void> {
  stall.touch();
  try {
    for await (const chunk of received) {
      // The reader's own time does not count.
      stall.stop();
      yield chunk;
      stall.touch();
    }
  } catch (error) {
    throw unreachable(url, error);
  } finally {
    stall.stop();
  }
}

/** Aborts when nothing has moved for a while. */
class StallGuard {
  readonly #clock: Clock;
  readonly #stallMs: number;
  readonly #controller = new AbortController();
  #cancel: () => void = () => {};

  constructor(clock: Clock, stallMs: number) {
    this.#clock = clock;
    this.#stallMs = stallMs;
    this.touch();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  touch(): void {
    this.#cancel();
    this.#cancel = this.#clock.after(this.#stallMs, () =>
      this.#controller.abort(new Error(`nothing came for ${this.#stallMs / 1000} seconds`)),
    );
  }

  stop(): void {
    this.#cancel();
  }

  async *watch(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      yield chunk;
      this.touch();
    }
  }
}

function withoutAuthorization(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'));
}

function refusedRedirect(url: URL, why: string): RuntimeError {
  return new RuntimeError('rejected', `A redirect of ${url.host} is not followed: ${why}.`);
}

function unreachable(url: URL, error: unknown): RuntimeError {
  if (error instanceof RuntimeError) return error;
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return new RuntimeError('temporary', `The registry ${url.host} does not answer: ${messageOf(cause)}`, error);
}
