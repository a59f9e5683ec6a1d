import type { Principal } from '../identity/principal.ts';
import type { ServiceName } from './clients.ts';

/**
 * What the gateway knows of one call when it is over: CloudTrail makes its event of it. Of calls from outside, sensitive
 * members of `input` and `output` (the model's trait) are already replaced by the text HIDDEN_DUE_TO_SECURITY_REASONS.
 */
export interface AuditRecord {
  readonly requestId: string;
  readonly service: ServiceName;
  /** As on the wire, e.g. `RunTask`. */
  readonly operation: string;
  readonly readOnly: boolean;
  /** Undefined where the signature did not say: unsigned, or an unknown key. */
  readonly principal?: Principal;
  /** Of the signature, whoever signed. */
  readonly accessKeyId?: string;
  /** The account that the event is recorded in. */
  readonly account: string;
  readonly region: string;
  /** ms since the epoch, when the request came in. */
  readonly at: number;
  /** An address, or the calling service's principal, e.g. `ecs.amazonaws.com`. */
  readonly sourceIp: string;
  readonly userAgent?: string;
  /** The host that the client called, e.g. `127.0.0.1:4566`. */
  readonly host?: string;
  /** As the SDK types it. */
  readonly input?: object;
  /** Only of calls that changed something and went well. */
  readonly output?: object;
  readonly error?: { readonly code: string; readonly message: string };
  /** The ARNs that were authorized. */
  readonly resources: readonly string[];
}

/** Takes every call's record: at once and without failing, whatever happens to it later. */
export interface AuditSink {
  record(record: AuditRecord): void;
}
