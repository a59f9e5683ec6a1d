import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Ranges of one server on this host: those of two servers must not meet. */
export interface AddressBlock {
  readonly transit: string;
  readonly public: string;
  release(): void;
}

const COUNT = 16;

/**
 * One of sixteen blocks above the default server's, until it is released. The mark is an abstract socket: the kernel
 * takes it back, however this process ends.
 */
export async function takeAddressBlock(): Promise<AddressBlock> {
  for (let n = 0; n < COUNT; n++) {
    const mark = await takeMark(`\0longshore-test-block-${n}`);
    if (mark) {
      const release = () => void mark.close();
      const stranger = leftIn(`198.19.${192 + n}.`);
      if (stranger !== undefined) {
        process.stderr.write(`The interface ${stranger} is left of an earlier test: its addresses are passed over.\n`);
        release();
        continue;
      }
      return { transit: `198.19.${192 + n}.0/24`, public: `198.18.${192 + n}.0/24`, release };
    }
  }
  throw new Error(`All ${COUNT} address blocks for tests are taken: are that many servers running?`);
}

function leftIn(prefix: string): string | undefined {
  const interfaces = Object.entries(networkInterfaces());
  return interfaces.find(([, addresses]) => addresses?.some(({ address }) => address.startsWith(prefix)))?.[0];
}

function takeMark(path: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const mark = createServer();
    mark.once('error', () => resolve(undefined));
    mark.listen(path, () => resolve(mark));
    mark.unref();
  });
}
