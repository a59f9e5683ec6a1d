import { table } from '../../store/store.ts';

/** A report of service last accessed data, as it was when it was asked for. */
export interface LastAccessedJobRow {
  /** A UUID. */
  readonly id: string;
  readonly account: string;
  /** Who asked, and may read it: the ARN of the principal. */
  readonly requestedBy: string;
  readonly requestedAtMs: number;
  /** Prefixes of the services that the policies grant, in their order. */
  readonly services: readonly string[];
  /** Who has those policies: the user or role itself, the members of the group, the users and roles of the policy. */
  readonly entities: readonly LastAccessedEntity[];
}

export interface LastAccessedEntity {
  readonly type: 'USER' | 'ROLE';
  readonly arn: string;
  readonly id: string;
  readonly name: string;
  readonly path: string;
  /** By service, its last use. */
  readonly uses: Readonly<Record<string, { readonly atMs: number; readonly region: string }>>;
}

export const lastAccessedJobs = table<LastAccessedJobRow>('iam.last-accessed-jobs', (row) => row.id, {
  account: (row) => row.account,
});
