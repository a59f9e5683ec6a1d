import { spawn } from 'node:child_process';

/** What any server in Node pays: it answers 200 with the body of the request. Prints its port. */
const PROGRAM = `
const server = require('node:http').createServer((req, res) => {
  const chunks = [];
  req.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
    const body = Buffer.concat(chunks);
    res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length });
    res.end(body);
  });
});
server.listen(Number(process.argv[1] ?? 0), '127.0.0.1', () => console.log(server.address().port));`;

export const bareServerArgs = (port: number): string[] => ['-e', PROGRAM, String(port)];

/** The floor, in a process of its own; `cleanup` ends it. Answers its port. */
export async function startBareServer(cleanup: AsyncDisposableStack): Promise<number> {
  const child = spawn(process.execPath, bareServerArgs(0), { stdio: ['ignore', 'pipe', 'inherit'] });
  cleanup.defer(() => void child.kill());
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error('The bare server ended.')));
    child.stdout.once('data', (text: Buffer) => resolve(Number(text.toString())));
  });
}
