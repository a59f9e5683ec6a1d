import { networkInterfaces } from 'node:os';
import { takeMark } from './mark.ts';

/** Ranges of one server on this host: those of two servers must not meet. */
export interface AddressBlock {
  readonly transit: string;
  readonly public: string;
  release(): void;
}

const COUNT = 16;

/** One of sixteen blocks above the default server's, until it is released. */
export async function takeAddressBlock(): Promise<AddressBlock> {
  for (let n = 0; n < COUNT; n++) {
    const mark = await takeMark(`longshore-test-block-${n}`);
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
