import type { OperationContract, ServiceContract, WireService } from './contracts.ts';
import type { Form } from './form.ts';
import type { Protocol } from './protocol.ts';

/** A request whose service and operation are known; nothing of its input is decoded, nothing is verified. */
export interface Identified {
  readonly service: WireService;
  readonly contract: ServiceContract;
  readonly operation: OperationContract;
  /** The variant the client speaks, in which it is answered. */
  readonly protocol: Protocol;
  /** Query protocols: the parameters. */
  readonly form?: Form;
  /** REST: the labels of the path, decoded. */
  readonly labels?: ReadonlyMap<string, string>;
}
