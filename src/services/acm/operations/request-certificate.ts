import { createHash } from 'node:crypto';
import type { RequestCertificateRequest } from '@aws-sdk/client-acm';
import type { Context } from '../../../api/context.ts';
import { formatArn, scopeKey, type Scope } from '../../../kernel/arn.ts';
import type { ReadTx } from '../../../store/store.ts';
import { certificateNames, validationOf } from '../domain/domain-names.ts';
import { publicNames } from '../domain/public-names.ts';
import { invalid, invalidParameter, notSupported } from '../errors.ts';
import { operation, type AcmPorts } from '../operation.ts';
import { certificates, type CertificateRow, type IssuedKeyAlgorithm } from '../tables.ts';
import { tagOnCreate, tagsFrom } from '../tags.ts';

const ISSUED_KEY_ALGORITHMS: readonly string[] = [
  'RSA_2048',
  'EC_prime256v1',
  'EC_secp384r1',
] satisfies readonly IssuedKeyAlgorithm[];
const MAX_NAMES = 100;
/** How long an idempotency token stands for the first request with it. */
const TOKEN_LIFE_MS = 3_600_000;

/** https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html; issued by the reconciler. */
export const RequestCertificate = operation('RequestCertificate', {
  resources: () => ['*'],
  conditions: (input) => ({
    'acm:domainnames': [input.DomainName ?? '', ...(input.SubjectAlternativeNames ?? [])],
    'acm:keyalgorithm': input.KeyAlgorithm ?? 'RSA_2048',
    'acm:validationmethod': input.ValidationMethod ?? 'EMAIL',
  }),
  also: tagOnCreate,
  handle: async (ctx, input) => {
    refuseUnsupported(input);
    const names = checkedNames(input);
    const tags = tagsFrom(input.Tags);
    const issuer = await issuerOf(ctx, names);
    const row: CertificateRow = {
      account: ctx.account,
      region: ctx.region,
      arn: formatArn('acm', ctx, `certificate/${ctx.ids.uuid()}`),
      type: 'AMAZON_ISSUED',
      domainName: names[0] ?? '',
      subjectAlternativeNames: names,
      keyAlgorithm: keyAlgorithmIn(input),
      status: 'PENDING_VALIDATION',
      createdAtMs: ctx.now,
      validations: names.map((name) => validationOf(ctx.account, name)),
      transparencyLogging: input.Options?.CertificateTransparencyLoggingPreference ?? 'ENABLED',
      ...(input.IdempotencyToken === undefined
        ? {}
        : { idempotency: { token: checkedToken(input.IdempotencyToken), digest: digestOf(names, input) } }),
      ...(issuer && { issuer }),
      ...(input.Options?.Export === 'ENABLED' && { exportable: true }),
      tags,
    };
    return ctx.write(async (tx) => {
      const earlier = await sameRequest(tx, ctx, row);
      return { CertificateArn: (earlier ?? (await tx.put(certificates, row))).arn };
    });
  },
});

function refuseUnsupported(input: RequestCertificateRequest): void {
  const method = input.ValidationMethod ?? input.Options?.ValidationMethod ?? 'EMAIL';
  if (method !== 'DNS') {
    const given = input.ValidationMethod ? `ValidationMethod ${method}` : `ValidationMethod EMAIL (the default)`;
    throw notSupported(given, 'Use ValidationMethod DNS.');
  }
  if (input.CertificateAuthorityArn !== undefined) {
    throw notSupported('CertificateAuthorityArn', 'Certificates come from the built-in authority.');
  }
  if (input.ManagedBy !== undefined) throw notSupported(`ManagedBy ${input.ManagedBy}`, 'Leave it out.');
}

/** Public names are certified by the ACME directory, if the server has one. */
async function issuerOf(ctx: Context<AcmPorts>, names: readonly string[]): Promise<'ACME' | undefined> {
  if (!ctx.ports.acme) return undefined;
  const open = await publicNames(ctx.call, names);
  if (open.length === 0) return undefined;
  const other = names.find((name) => !open.includes(name));
  if (other !== undefined) {
    throw notSupported(`${other} beside ${open[0]}`, 'Ask for public and private names in certificates of their own.');
  }
  const wildcard = open.find((name) => name.startsWith('*.'));
  if (wildcard !== undefined) {
    throw notSupported(wildcard, 'The ACME directory is asked over HTTP-01, which proves no wildcards.');
  }
  return 'ACME';
}

function checkedNames(input: RequestCertificateRequest): readonly string[] {
  const checked = certificateNames(input.DomainName ?? '', input.SubjectAlternativeNames ?? []);
  if ('problem' in checked) throw invalid(checked.problem);
  if (checked.names.length > MAX_NAMES) throw invalid(`A certificate has at most ${MAX_NAMES} names.`);
  const stranger = (input.DomainValidationOptions ?? []).find(
    (option) => !checked.names.includes((option.DomainName ?? '').toLowerCase()),
  );
  if (stranger) throw invalidParameter(`DomainValidationOptions names ${stranger.DomainName}, which is not requested.`);
  return checked.names;
}

function keyAlgorithmIn(input: RequestCertificateRequest): IssuedKeyAlgorithm {
  const algorithm = input.KeyAlgorithm ?? 'RSA_2048';
  if (!isIssued(algorithm)) {
    throw notSupported(`KeyAlgorithm ${algorithm}`, `Use one of ${ISSUED_KEY_ALGORITHMS.join(', ')}.`);
  }
  return algorithm;
}

function isIssued(algorithm: string): algorithm is IssuedKeyAlgorithm {
  return ISSUED_KEY_ALGORITHMS.includes(algorithm);
}

function checkedToken(token: string): string {
  if (!/^\w{1,32}$/.test(token)) throw invalid('IdempotencyToken must be 1 to 32 letters, digits and underscores.');
  return token;
}

function digestOf(names: readonly string[], input: RequestCertificateRequest): string {
  const request = [names.toSorted(), input.KeyAlgorithm, input.Options];
  return createHash('sha256').update(JSON.stringify(request)).digest('hex');
}

async function sameRequest(tx: ReadTx, scope: Scope, row: CertificateRow): Promise<CertificateRow | undefined> {
  if (!row.idempotency) return undefined;
  const earlier = await tx.list(certificates, { where: ['token', `${scopeKey(scope)}/${row.idempotency.token}`] });
  return earlier.find(
    (each) =>
      each.idempotency?.digest === row.idempotency?.digest && row.createdAtMs - each.createdAtMs < TOKEN_LIFE_MS,
  );
}
