import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../kernel/clock.ts';
import { seededIds } from '../kernel/ids.ts';
import { silentLog } from '../kernel/log.ts';
import { AgentChannel } from './agent-channel.ts';
import { ClientChannel } from './client-channel.ts';
import type { SessionEnd } from './client-channel.ts';
import { encodeMessage, PAYLOAD, TERMINATE_SESSION } from './message.ts';
import type { Program } from './program.ts';
import { Sessions } from './sessions.ts';
import type { Connection } from './sessions.ts';

/** A program that answers each line with itself, and ends at `exit`. */
class Echo implements Program {
  readonly sizes: string[] = [];
  isClosed = false;
  #lines: Buffer[] = [];
  #wake: () => void = () => {};
  #isOver = false;

  readonly output: Program['output'] = this.#read();

  async *#read(): AsyncGenerator<{ stream: 'stdout'; bytes: Buffer }> {
    for (;;) {
      const line = this.#lines.shift();
      if (line) yield { stream: 'stdout', bytes: line };
      else if (this.#isOver) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  print(text: string): void {
    this.#lines.push(Buffer.from(text));
    this.#wake();
  }

  write(bytes: Buffer): void {
    if (bytes.toString() === 'exit') this.#isOver = true;
    else this.#lines.push(bytes);
    this.#wake();
  }

  async resize(columns: number, rows: number): Promise<void> {
    this.sizes.push(`${columns}x${rows}`);
  }

  async exitCode(): Promise<number> {
    return 0;
  }

  close(): void {
    this.isClosed = true;
    this.#isOver = true;
    this.#wake();
  }
}

/** Sessions, and a client that connects to one of them over a pair of arrays. */
function world(program: Program = new Echo(), started: Promise<void> = Promise.resolve()) {
  const clock = new FakeClock();
  const ids = seededIds(1);
  const sessions = new Sessions({ clock, ids, log: silentLog });
  const opened = sessions.open({
    prefix: 'ecs-execute-command',
    owner: 'alice',
    start: () => started.then(() => program),
  });
  const seen = { output: '', isReady: false, closed: undefined as SessionEnd | undefined, dropped: 0 };
  let connection: Connection | undefined;
  const client = new ClientChannel({
    clock,
    ids,
    send: (bytes) => connection?.receive(bytes),
    onOutput: (bytes) => (seen.output += bytes.toString()),
    onReady: () => (seen.isReady = true),
    onClosed: (end) => (seen.closed = end),
  });
  /** @param isDeaf what is sent to it gets lost */
  const connect = async (token = opened.token, isDeaf = false) => {
    const toClient: Buffer[] = [];
    const socket = {
      send: (bytes: Buffer) => void (isDeaf || toClient.push(bytes)),
      close: () => void (seen.dropped += 1),
    };
    connection = sessions.connect(opened.sessionId, token, socket);
    const deliver = async () => {
      for (let idle = 0; idle < 20; idle++) {
        await Promise.resolve();
        for (let next = toClient.shift(); next; next = toClient.shift()) {
          client.receive(next);
          idle = 0;
        }
      }
    };
    await deliver();
    return { deliver, connection };
  };
  return { sessions, clock, opened, client, seen, connect };
}

test('hands are shaken, what is typed comes back, and the end is told', async () => {
  const { client, seen, connect } = world();
  const { deliver } = await connect();
  assert.equal(seen.isReady, true);
  client.input(Buffer.from('one'));
  client.input(Buffer.from('two'));
  await deliver();
  assert.equal(seen.output, 'onetwo');
  client.input(Buffer.from('exit'));
  await deliver();
  assert.deepEqual(seen.closed, { why: '', exitCode: 0 });
});

test('what is typed before the program runs waits for it', async () => {
  const { promise: started, resolve: start } = Promise.withResolvers<void>();
  const { client, seen, connect } = world(new Echo(), started);
  const { deliver } = await connect();
  assert.equal(seen.isReady, true);
  for (const typed of ['one', 'two']) client.input(Buffer.from(typed));
  await deliver();
  assert.equal(seen.output, '');
  start();
  await deliver();
  assert.equal(seen.output, 'onetwo');
});

test('a session ends where more is typed before the program runs than can be kept', async () => {
  const { client, seen, connect } = world(new Echo(), new Promise<void>(() => {}));
  const { deliver } = await connect();
  for (let mib = 0; mib <= 16; mib++) client.input(Buffer.alloc(1024 * 1024));
  await deliver();
  assert.match(seen.closed?.why ?? '', /More input came/);
});

test('more output than the window comes whole and in order', async () => {
  const program = new Echo();
  const { seen, connect } = world(program);
  const { deliver } = await connect();
  const text = Array.from({ length: 300_000 }, (_, index) => String(index)).join(' ');
  program.print(text);
  await deliver();
  assert.equal(seen.output.length, text.length);
  assert.equal(seen.output, text);
});

test('a size reaches the program, also one that came before it ran', async () => {
  const program = new Echo();
  const { client, connect } = world(program);
  const { deliver } = await connect();
  client.resize(120, 40);
  await deliver();
  assert.deepEqual(program.sizes, ['120x40']);
});

test('a token that is not its own does not connect, nor one that was replaced', async () => {
  const { sessions, opened, connect } = world();
  assert.equal((await connect('wrong')).connection, undefined);
  const token = sessions.resume(opened.sessionId, 'alice');
  assert.equal((await connect()).connection, undefined);
  assert.notEqual((await connect(token)).connection, undefined);
});

test('a client that comes back gets what it had not acknowledged', async () => {
  const program = new Echo();
  const { client, seen, connect } = world(program);
  const first = await connect();
  first.connection?.disconnected();
  program.print('while you were away');
  await first.deliver();
  assert.equal(seen.output, '');
  const second = await connect();
  assert.equal(seen.output, 'while you were away');
  client.input(Buffer.from('!'));
  await second.deliver();
  assert.equal(seen.output, 'while you were away!');
});

test('only its owner may resume or terminate a session', async () => {
  const program = new Echo();
  const { sessions, opened, connect, seen } = world(program);
  const { deliver } = await connect();
  assert.equal(sessions.resume(opened.sessionId, 'mallory'), undefined);
  assert.equal(sessions.terminate(opened.sessionId, 'mallory'), false);
  assert.equal(program.isClosed, false);
  assert.equal(sessions.terminate(opened.sessionId, 'alice'), true);
  await deliver();
  assert.equal(program.isClosed, true);
  assert.deepEqual(seen.closed, { why: '' });
  assert.equal(sessions.terminate(opened.sessionId, 'alice'), false);
});

test('the client may end it', async () => {
  const program = new Echo();
  const { client, connect } = world(program);
  const { deliver } = await connect();
  client.terminate();
  await deliver();
  assert.equal(program.isClosed, true);
});

test('a session that nobody connects to, that is left, or that is idle ends', async () => {
  const unused = world();
  unused.clock.advance(5 * 60_000);
  assert.equal((await unused.connect()).connection, undefined);

  const left = world();
  (await left.connect()).connection?.disconnected();
  left.clock.advance(5 * 60_000);
  assert.equal((await left.connect()).connection, undefined);

  const idle = world();
  const { deliver } = await idle.connect();
  idle.clock.advance(19 * 60_000);
  idle.client.input(Buffer.from('x'));
  idle.clock.advance(19 * 60_000);
  await deliver();
  assert.equal(idle.seen.closed, undefined);
  idle.clock.advance(20 * 60_000);
  await deliver();
  assert.deepEqual(idle.seen.closed, { why: 'it was idle for too long' });
});

test('a connection that another has taken over ends nothing when it closes', async () => {
  const { sessions, clock, opened, seen, connect } = world();
  const first = await connect();
  const token = sessions.resume(opened.sessionId, 'alice');
  await connect(token);
  first.connection?.disconnected();
  clock.advance(6 * 60_000);
  assert.equal(seen.closed, undefined);
  assert.notEqual(sessions.resume(opened.sessionId, 'alice'), undefined);
});

/** The agent's end alone, of which every frame that it sends is kept. */
function agent(start: () => Promise<Program>) {
  const answers: Buffer[] = [];
  const channel = new AgentChannel({
    sessionId: 's',
    start,
    clock: new FakeClock(),
    ids: seededIds(1),
    log: silentLog,
    onEnded: () => {},
  });
  channel.attach({ send: (bytes) => void answers.push(bytes), close: () => {} });
  answers.length = 0;
  return { channel, answers };
}

test('frames far ahead of their turn are neither kept nor acknowledged', () => {
  const { channel, answers } = agent(async () => new Echo());
  const payload = Buffer.alloc(256 * 1024);
  for (let sequence = 1; sequence <= 100; sequence++) channel.receive(frame(sequence, payload));
  assert.equal(answers.length, 64);
  channel.receive(frame(1_000_000, Buffer.alloc(1)));
  assert.equal(answers.length, 64);
});

test('a session ends where more frames come before the program runs than can be kept, though they are empty', () => {
  const { channel } = agent(() => new Promise<Program>(() => {}));
  for (let sequence = 0; sequence < 10_000; sequence++) channel.receive(frame(sequence, Buffer.alloc(0)));
  assert.equal(channel.isEnded, false);
  channel.receive(frame(10_000, Buffer.alloc(0)));
  assert.equal(channel.isEnded, true);
});

test('what waits behind the end of a session reaches no program', async () => {
  const written: string[] = [];
  const program = new Echo();
  program.write = (bytes) => void written.push(bytes.toString());
  const { channel } = agent(async () => program);
  channel.receive(frame(0, Buffer.from('{}'), PAYLOAD.handshakeResponse));
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  channel.receive(frame(1, Buffer.from('before')));
  channel.receive(frame(3, Buffer.from('behind')));
  channel.receive(frame(2, Buffer.from([0, 0, 0, TERMINATE_SESSION]), PAYLOAD.flag));
  assert.equal(channel.isEnded, true);
  assert.deepEqual(written, ['before']);
});

function frame(sequence: number, payload: Buffer, payloadType: number = PAYLOAD.output): Buffer {
  const id = '00000000-0000-4000-8000-000000000000';
  return encodeMessage({ type: 'input_stream_data', createdAtMs: 0, sequence, flags: 0n, id, payloadType, payload });
}

test('a program that cannot start ends the session with the reason', async () => {
  const { sessions } = world();
  const clock = new FakeClock();
  const ids = seededIds(2);
  const opened = sessions.open({
    prefix: 'x',
    owner: 'alice',
    start: () => Promise.reject(new Error('the container is gone')),
  });
  const closed: string[] = [];
  const frames: Buffer[] = [];
  const connection = sessions.connect(opened.sessionId, opened.token, {
    send: (bytes) => void frames.push(bytes),
    close: () => {},
  });
  const client = new ClientChannel({
    clock,
    ids,
    send: (bytes) => connection?.receive(bytes),
    onOutput: () => {},
    onReady: () => {},
    onClosed: ({ why }) => void closed.push(why),
  });
  for (let turn = 0; turn < 20; turn++) {
    await Promise.resolve();
    for (let next = frames.shift(); next; next = frames.shift()) client.receive(next);
  }
  assert.deepEqual(closed, ['the container is gone']);
});
