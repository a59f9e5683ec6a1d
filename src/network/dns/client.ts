import type { Place, Places } from './names.ts';

/** Who asks, as far as routing by place wants to know. */
export class Client {
  readonly #locate: () => Place;
  #place: Place | undefined;

  constructor(locate: () => Place) {
    this.#locate = locate;
  }

  get place(): Place {
    return (this.#place ??= this.#locate());
  }

  /** Whether an answer depended on the place. */
  get wasLocated(): boolean {
    return this.#place !== undefined;
  }
}

/** All are at one place, which is in no country. */
export const NOWHERE: Places = {
  of: () => ({ coordinates: { latitude: 0, longitude: 0 }, continent: '', country: '' }),
};
