import { rootPrincipal } from '../../../api/invoke.ts';
import type { ReadTx } from '../../../store/store.ts';
import { userArn } from '../arns.ts';
import { reportExpired, reportNotPresent } from '../credential-errors.ts';
import { credentialReport, type ReportedKey, type ReportedUser } from '../domain/credential-report.ts';
import { expiryOf, type PasswordPolicy } from '../domain/passwords.ts';
import { keysOf } from '../lookup.ts';
import { operation, type IamContext } from '../operation.ts';
import { accounts, lastUses, users, type AccessKeyRow, type UserRow } from '../tables.ts';
import { wholeSeconds } from '../whole-seconds.ts';

const GOOD_FOR_MS = 4 * 60 * 60 * 1000;

/** The report is written at once; as in AWS the call that begins one says STARTED, and the next COMPLETE. */
export const GenerateCredentialReport = operation('GenerateCredentialReport', {
  resources: () => ['*'],
  handle: async (ctx) =>
    ctx.write(async (tx) => {
      const row = await tx.get(accounts, ctx.account);
      if (row?.credentialReport && isGood(row.credentialReport, ctx.now)) return { State: 'COMPLETE' };
      const made = { generatedAtMs: ctx.now, csv: await reportOf(ctx, tx, row?.passwordPolicy) };
      await tx.put(accounts, { account: ctx.account, ...row, credentialReport: made });
      return { State: 'STARTED', Description: 'No report exists. Starting a new report generation task' };
    }),
});

export const GetCredentialReport = operation('GetCredentialReport', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx) => {
    const report = (await ctx.read((tx) => tx.get(accounts, ctx.account)))?.credentialReport;
    if (!report) throw reportNotPresent();
    if (!isGood(report, ctx.now)) throw reportExpired();
    const { csv, generatedAtMs } = report;
    const ReportFormat = 'text/csv' as const;
    return { Content: new TextEncoder().encode(csv), ReportFormat, GeneratedTime: wholeSeconds(generatedAtMs) };
  },
});

function isGood({ generatedAtMs }: { readonly generatedAtMs: number }, now: number): boolean {
  return now - generatedAtMs <= GOOD_FOR_MS;
}

async function reportOf({ account, ports }: IamContext, tx: ReadTx, policy?: PasswordPolicy): Promise<string> {
  const { rootAccessKeyId: id, rootCreatedAtMs: made } = ports;
  const created = made === undefined ? {} : { createdAtMs: made };
  const root: ReportedUser = {
    name: '<root_account>',
    arn: rootPrincipal(account).arn,
    ...created,
    keys: [{ active: true, ...created, ...(await lastUseOf(tx, id)) }],
  };
  const reported: ReportedUser[] = [];
  for (const row of await tx.list(users, { where: ['account', account] })) {
    reported.push(await reportedUser(tx, row, policy));
  }
  return credentialReport(root, reported);
}

async function reportedUser(tx: ReadTx, row: UserRow, policy?: PasswordPolicy): Promise<ReportedUser> {
  const { name, createdAtMs, loginProfile } = row;
  const keys = await Promise.all((await keysOf(tx, row)).map((key) => reportedKey(tx, key)));
  const changedAtMs = loginProfile?.passwordChangedAtMs;
  const nextRotationMs = changedAtMs === undefined ? undefined : expiryOf(changedAtMs, policy);
  const rotation = nextRotationMs === undefined ? {} : { nextRotationMs };
  const password = changedAtMs === undefined ? {} : { password: { changedAtMs, ...rotation } };
  return { name, arn: userArn(row), createdAtMs, ...password, keys };
}

async function reportedKey(tx: ReadTx, { id, status, createdAtMs }: AccessKeyRow): Promise<ReportedKey> {
  return { active: status === 'Active', createdAtMs, ...(await lastUseOf(tx, id)) };
}

async function lastUseOf(tx: ReadTx, keyId: string): Promise<Pick<ReportedKey, 'lastUse'>> {
  const row = await tx.get(lastUses, keyId);
  return row ? { lastUse: row } : {};
}
