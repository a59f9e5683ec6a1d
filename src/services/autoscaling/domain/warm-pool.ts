/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-warm-pools.html */
export interface WarmPool {
  readonly minSize: number;
  /** So many instances the group and its pool have together; left out: the group's largest size. */
  readonly maxPrepared?: number;
  /** What instances do in the pool. */
  readonly state: 'Stopped' | 'Running';
  /** Instances return to it when the group shrinks. */
  readonly reuses: boolean;
  /** It goes once its instances have gone. */
  readonly deleting?: true;
}

/** A group, or what of it says how large its pool is. */
interface Pooled {
  readonly warmPool?: WarmPool;
  readonly max: number;
  readonly desired: number;
}

/** How many instances the pool is to have. */
export function poolSize({ warmPool: pool, max, desired }: Pooled): number {
  return !pool || pool.deleting ? 0 : Math.max(pool.minSize, (pool.maxPrepared ?? max) - desired, 0);
}
