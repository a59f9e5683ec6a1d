import type { Scope } from '../kernel/arn.ts';
import type { Principal } from '../identity/principal.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { ReadTx, WriteTx } from '../store/store.ts';
import type { Input, OperationName, Output, ServiceName } from './clients.ts';

/** What an operation knows of its call, and all it may do: there are no other doors. */
export interface Context<Ports = unknown> extends Scope {
  readonly principal: Principal;
  readonly requestId: string;
  /** Where the call came from: an address, or a service's name for a call from within. */
  readonly sourceIp: string;
  /** The time of the call, in ms since the epoch: the same for the whole call. */
  readonly now: number;
  readonly ids: Ids;
  readonly log: Log;
  /** What the composition root lends this service, e.g. the registry's blobs to ECR. */
  readonly ports: Ports;
  /** The base URL under which clients reach this server, e.g. `http://127.0.0.1:4566`. */
  readonly endpoint: string;
  read<T>(fn: (tx: ReadTx) => Promise<T>): Promise<T>;
  write<T>(fn: (tx: WriteTx) => Promise<T>): Promise<T>;
  /** Calls another service in the same scope through authorize -> handle, as this service's principal. */
  readonly call: Call;
  /** Calls another service in the same scope in the caller's own name (a forward access session): what they lack is refused. */
  readonly callAsCaller: Call;
}

export type Call = <S extends ServiceName, O extends OperationName<S>>(
  service: S,
  operation: O,
  input: Input<S, O>,
) => Promise<Output<S, O>>;

export type { Principal } from '../identity/principal.ts';
