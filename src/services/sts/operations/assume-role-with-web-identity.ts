import type { Input } from '../../../api/clients.ts';
import { invalidIdentityToken } from '../../../identity/oidc/errors.ts';
import { claimedIssuer, verifyIdToken } from '../../../identity/oidc/id-token.ts';
import type { IdToken } from '../../../identity/oidc/id-token.ts';
import type { OidcProvider } from '../../../identity/oidc/key-sets.ts';
import { formatArn } from '../../../kernel/arn.ts';
import { ServiceError, messageOf } from '../../../kernel/errors.ts';
import { numberProblems, refuse, textProblems } from '../domain/constraints.ts';
import { ROLE_SECONDS, ROLE_SESSION_NAME, parseRoleArn } from '../domain/members.ts';
import { stsConditions } from '../domain/condition-keys.ts';
import { sourceIdentityOfClaims, tagsOfClaims } from '../domain/web-identity-claims.ts';
import { untrustedAction } from '../domain/web-identity-trust.ts';
import { unsupported, webIdentityNotAuthorized } from '../errors.ts';
import { operation } from '../operation.ts';
import type { StsContext } from '../operation.ts';
import { assume } from '../role-credentials.ts';
import { absentIsEmpty, findRole } from '../roles.ts';
import { policyProblems } from '../session-policies.ts';

type WebIdentityInput = Input<'sts', 'AssumeRoleWithWebIdentity'>;

const ACTION = 'sts:AssumeRoleWithWebIdentity';

/**
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 * The call is not signed: the token says who calls, and the role's trust policy, which no gateway has looked at, whether
 * that one may.
 */
export const AssumeRoleWithWebIdentity = operation('AssumeRoleWithWebIdentity', {
  resources: (input) => {
    check(input);
    return [input.RoleArn ?? ''];
  },
  conditions: (input) => stsConditions({ sessionName: input.RoleSessionName ?? '' }),
  readOnly: true,
  handle: async (ctx, input) => {
    check(input);
    const { RoleArn = '', RoleSessionName = '' } = input;
    const { provider, token } = await identify(ctx, input.WebIdentityToken ?? '');
    const sessionTags = tagsOfClaims(token.claims);
    const sourceIdentity = sourceIdentityOfClaims(token.claims);
    const role = await findRole(ctx, RoleArn);
    if (!role) throw webIdentityNotAuthorized(ACTION);
    const { region, sourceIp, now } = ctx;
    const asked = { ...sessionTags, sourceIdentity, sessionName: RoleSessionName };
    const untrusted = untrustedAction({ provider, token, role, ...asked, region, sourceIp, now });
    if (untrusted !== undefined) throw webIdentityNotAuthorized(untrusted);
    const { subject, audience } = token;
    const webIdentity = { provider: provider.arn, subject, audience };
    const assumed = await assume(ctx, role, {
      input: { ...input, RoleSessionName },
      ...sessionTags,
      sourceIdentity,
      webIdentity,
    });
    return { ...assumed, SubjectFromWebIdentityToken: subject, Audience: audience, Provider: provider.arn };
  },
});

function check(input: WebIdentityInput): void {
  refuse([
    ...textProblems('roleSessionName', input.RoleSessionName, ROLE_SESSION_NAME),
    ...numberProblems('durationSeconds', input.DurationSeconds, ROLE_SECONDS),
    ...lengthOfToken(input.WebIdentityToken ?? ''),
    ...policyProblems(input),
  ]);
  parseRoleArn(input.RoleArn ?? '');
  if (input.ProviderId !== undefined) {
    throw unsupported(
      'ProviderId',
      'it is for OAuth 2.0 access tokens, and this server takes OpenID Connect ID tokens',
    );
  }
}

/** A token is a secret: its text does not stand in the message. */
function lengthOfToken(token: string): string[] {
  return textProblems('webIdentityToken', '*'.repeat(token.length), { min: 4, max: 20_000 }).map((problem) =>
    problem.replace(/'\*+'/, "'***'"),
  );
}

interface WebIdentity {
  readonly provider: OidcProvider;
  readonly token: IdToken;
}

async function identify(ctx: StsContext, text: string): Promise<WebIdentity> {
  const issuer = claimedIssuer(text);
  const provider = await findProvider(ctx, issuer);
  if (!provider) throw invalidIdentityToken(`No OpenIDConnect provider found in your account for https://${issuer}`);
  try {
    return { provider, token: await verifyIdToken(text, provider, ctx.ports.keySets, ctx.now) };
  } catch (error) {
    // Whoever sent the token is told little; whoever runs the server finds here what its provider did.
    if (error instanceof ServiceError && error.cause !== undefined) {
      ctx.log.info('a web identity token was not accepted', {
        provider: provider.url,
        code: error.code,
        because: messageOf(error.cause),
      });
    }
    throw error;
  }
}

async function findProvider(ctx: StsContext, url: string): Promise<OidcProvider | undefined> {
  const arn = formatArn('iam', { account: ctx.account }, `oidc-provider/${url}`);
  const found = await absentIsEmpty(ctx.call('iam', 'GetOpenIDConnectProvider', { OpenIDConnectProviderArn: arn }));
  if (found.Url === undefined) return undefined;
  return { arn, url, clientIds: found.ClientIDList ?? [], thumbprints: found.ThumbprintList ?? [] };
}
