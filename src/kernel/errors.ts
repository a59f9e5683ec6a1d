/** What the caller of an API can act on. Only `wire/` knows how it looks on the wire. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  /** The error shape's name in the service's model, or the wire code where the model has none (EC2). */
  readonly code: string;
  readonly httpStatus: number;
  /** Further members of a modelled error shape. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    message: string,
    options: { httpStatus?: number; members?: Readonly<Record<string, unknown>>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.httpStatus = options.httpStatus ?? 400;
    this.members = options.members ?? {};
  }
}

/**
 * A failure of the world below: the engine, the kernel's network, a process.
 * - temporary: trying again may help
 * - rejected: it was refused and will be refused again
 * - gone: the thing it was about does not exist
 */
export class RuntimeError extends Error {
  override readonly name = 'RuntimeError';
  readonly kind: 'temporary' | 'rejected' | 'gone';

  constructor(kind: RuntimeError['kind'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}

/** A stale row was written: somebody else was first. Run the transaction again. */
export class Conflict extends Error {
  override readonly name = 'Conflict';
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The system's name of a failed call, e.g. `EBUSY`. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** For `catch`: what is not there is undefined; every other failure is thrown on. */
export function absent(error: unknown): undefined {
  if (systemCode(error) !== 'ENOENT') throw error;
}
