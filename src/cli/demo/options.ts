/** What `longshore demo` takes, as it was typed. */
export interface DemoOptions {
  readonly once?: boolean;
  readonly home?: string;
  readonly port?: string;
  readonly httpPort?: string;
  readonly httpsPort?: string;
}
