import { ServiceError } from '../kernel/errors.ts';
import type { WireService } from './contracts.ts';
import type { Protocol } from './protocol.ts';

/** A request that was refused before its operation was known: the answer still speaks the client's protocol. */
export class RequestError extends ServiceError {
  readonly protocol: Protocol | undefined;
  readonly service: WireService | undefined;

  constructor(
    code: string,
    message: string,
    options: { httpStatus?: number; protocol?: Protocol | undefined; service?: WireService | undefined } = {},
  ) {
    super(code, message, options.httpStatus === undefined ? {} : { httpStatus: options.httpStatus });
    this.protocol = options.protocol;
    this.service = options.service;
  }
}
