export interface Alternation {
  /** Rounds that are not counted: caches fill, packages load. */
  readonly warmUps: number;
  readonly rounds: number;
}

/**
 * Measures every side once in each round, A B A B ..., so that what else happens on the machine meets all of them.
 * @param sides each answers one sample, in whatever unit
 */
export async function alternate<Name extends string>(
  { warmUps, rounds }: Alternation,
  sides: Readonly<Record<Name, () => Promise<number>>>,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(sides) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, number[]>;
  for (let round = -warmUps; round < rounds; round++) {
    for (const name of names) {
      const sample = await sides[name]();
      if (round >= 0) samples[name].push(sample);
    }
  }
  return samples;
}

/** How long it takes, in ms. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const beganAt = performance.now();
  await work();
  return performance.now() - beganAt;
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** Between the two nearest samples where `share` falls between them; NaN of nothing. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const low = sorted[Math.floor(place)] ?? Number.NaN;
  const high = sorted[Math.ceil(place)] ?? Number.NaN;
  return low + (high - low) * (place - Math.floor(place));
}
