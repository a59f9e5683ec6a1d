import type { Context } from '../../api/context.ts';
import { operationsOf } from '../../api/operation.ts';
import type { ObjectStore } from '../../objects/object-store.ts';

/** What the composition root lends S3. */
export interface S3Ports {
  /** The bytes of objects and of parts. */
  readonly objects: ObjectStore;
}

export type S3Context = Context<S3Ports>;

export const operation = operationsOf<'s3', S3Ports>();
