export interface FilterPattern {
  readonly matches: (message: string) => boolean;
  /** The values that the pattern names, of a message that matches: `$.a.b` or `$name`. */
  readonly extract: (message: string) => Readonly<Record<string, string>>;
}

/** Decides for a message. */
export type Matcher = FilterPattern['matches'];
