import { spawn } from 'node:child_process';
import { Server } from 'node:net';
import type { Socket } from 'node:net';
import { RuntimeError } from '../../kernel/errors.ts';

/** Of one instance at once: its engine pulls some layers at a time. */
const MOST_CONNECTIONS = 256;

/** Listens in the namespace that it is started in, hands the listener over and ends when it has been taken. */
const LISTEN = `
  const [port, address] = process.argv.slice(1);
  const server = require('node:net').createServer();
  server.on('error', (error) => { process.send(error.message); process.disconnect(); });
  server.listen(Number(port), address, () => process.send('listening', server));
  process.on('disconnect', () => process.exit());
  // Whoever asked died before the listener was handed over: then nothing disconnects.
  process.stdin.on('close', () => process.exit()).resume();`;

/**
 * A listener of this process in the network namespace of another one: a socket stays in the namespace it was made in.
 * So an instance reaches the server's registry at its own loopback, under the name that the images have on this host.
 * @throws RuntimeError temporary where the port is taken there, or the process is gone
 */
export function listenInside(
  pid: number,
  address: string,
  port: number,
  accept: (socket: Socket) => void,
): Promise<Server> {
  const command = [`--net=/proc/${pid}/ns/net`, '--', process.execPath, '-e', LISTEN, String(port), address];
  const child = spawn('nsenter', command, { stdio: ['pipe', 'ignore', 'ignore', 'ipc'] });
  return new Promise((resolve, reject) => {
    const fail = (why: string) =>
      reject(new RuntimeError('temporary', `Nothing can listen at ${address}:${port} of process ${pid}: ${why}`));
    child.once('error', (error) => fail(error.message));
    child.once('exit', () => fail('the namespace could not be entered'));
    child.once('message', (message, handle) => {
      if (child.connected) child.disconnect();
      if (!(handle instanceof Server)) return fail(typeof message === 'string' ? message : 'it told nothing');
      handle.maxConnections = MOST_CONNECTIONS;
      handle.on('connection', accept);
      // The listener alone keeps no process.
      handle.unref();
      return resolve(handle);
    });
  });
}
