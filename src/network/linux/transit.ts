import { RuntimeError } from '../../kernel/errors.ts';
import { blockHolds, formatAddress, parseAddress, parseBlock } from '../ipv4.ts';
import type { Ipv4Block } from '../ipv4.ts';

const LINK_SIZE = 4;

/** The two ends of the link between the host and one VPC's namespace: a /30. */
export interface TransitAddresses {
  readonly host: string;
  readonly router: string;
}

/** The range that the transit links are cut from, four addresses each. */
export class TransitRange {
  readonly cidr: string;
  readonly #block: Ipv4Block;

  constructor(cidr: string) {
    const block = parseBlock(cidr);
    if (!block || block.size < LINK_SIZE) throw new RuntimeError('rejected', `transit range ${cidr} is not a CIDR`);
    this.cidr = cidr;
    this.#block = block;
  }

  addresses(index: number): TransitAddresses {
    if (!Number.isInteger(index) || index < 0 || index >= this.#block.size / LINK_SIZE) {
      throw new RuntimeError('rejected', `transit index ${index} is outside ${this.cidr}`);
    }
    const base = this.#block.first + index * LINK_SIZE;
    return { host: formatAddress(base + 1), router: formatAddress(base + 2) };
  }

  /** Which link's router has this address; undefined when none can have it. */
  indexOfRouter(address: string): number | undefined {
    const number = parseAddress(address);
    if (number === undefined || !blockHolds(this.#block, number)) return undefined;
    const offset = number - this.#block.first;
    return offset % LINK_SIZE === 2 ? Math.floor(offset / LINK_SIZE) : undefined;
  }
}
