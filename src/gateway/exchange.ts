import type { Principal } from '../api/context.ts';
import type { Scope } from '../kernel/arn.ts';
import type { ServiceError } from '../kernel/errors.ts';
import type { CallFacts } from './call-facts.ts';
import type { Identified } from '../wire/identified.ts';
import type { RawRequest, RawResponse } from '../wire/raw-request.ts';

/** One request on its way through the pipeline: each stage adds what it found out. */
export interface Exchange {
  readonly request: RawRequest;
  readonly requestId: string;
  readonly facts: CallFacts;
  readonly receivedAtMs: number;
  identified?: Identified;
  principal?: Principal;
  accessKeyId?: string;
  scope?: Scope;
  input?: object;
  output?: object;
  response?: RawResponse;
  /** The ARNs that were authorized. */
  resources?: readonly string[];
  error?: ServiceError;
}

/** The value a former stage must have set. */
export function needed<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`The pipeline ran a stage before it knew the ${what}.`);
  return value;
}
