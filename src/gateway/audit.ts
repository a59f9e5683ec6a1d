import type { AuditRecord } from '../api/audit.ts';
import type { ServiceName } from '../api/clients.ts';
import type { Principal } from '../api/context.ts';
import { ServiceError } from '../kernel/errors.ts';
import type { CallFacts } from './call-facts.ts';

export interface AuditedCall {
  readonly requestId: string;
  readonly service: ServiceName;
  readonly operation: string;
  readonly readOnly: boolean;
  readonly principal?: Principal | undefined;
  readonly accessKeyId?: string | undefined;
  readonly account: string;
  readonly region: string;
  readonly at: number;
  readonly facts: CallFacts;
  readonly input?: object | undefined;
  readonly output?: object | undefined;
  readonly error?: { readonly code: string; readonly message: string } | undefined;
  readonly resources: readonly string[];
}

/** The record of a call that is over. What a failed or a reading call answered is not in it. */
export function auditRecord(call: AuditedCall): AuditRecord {
  const { requestId, service, operation, readOnly, account, region, at, resources, facts } = call;
  const accessKeyId = call.accessKeyId ?? call.principal?.accessKeyId;
  return {
    requestId,
    service,
    operation,
    readOnly,
    account,
    region,
    at,
    resources,
    sourceIp: facts.sourceIp,
    ...(call.principal && { principal: call.principal }),
    ...(accessKeyId !== undefined && { accessKeyId }),
    ...(facts.userAgent !== undefined && { userAgent: facts.userAgent }),
    ...(facts.host !== undefined && { host: facts.host }),
    ...(call.input && { input: call.input }),
    ...(call.output && isOutputKept(call) && { output: call.output }),
    ...(call.error && { error: call.error }),
  };
}

/** Reads answer what can be read again; credentials that STS gave out can be traced by its answer alone. */
export function isOutputKept({ readOnly, service }: Pick<AuditedCall, 'readOnly' | 'service'>): boolean {
  return !readOnly || service === 'sts';
}

/** A bug's own words may hold anything, so they stay in the log. */
export function wordsOf(error: unknown): { readonly code: string; readonly message: string } {
  return error instanceof ServiceError
    ? { code: error.code, message: error.message }
    : { code: 'InternalFailure', message: 'An internal error occurred.' };
}
