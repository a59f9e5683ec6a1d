import { ServiceError } from '../../kernel/errors.ts';

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html#API_AssumeRoleWithWebIdentity_Errors */
export function invalidIdentityToken(message: string, cause?: unknown): ServiceError {
  return new ServiceError('InvalidIdentityTokenException', message, cause === undefined ? {} : { cause });
}

export function expiredToken(message: string): ServiceError {
  return new ServiceError('ExpiredTokenException', message);
}

export function notAToken(cause?: unknown): ServiceError {
  const message = 'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)';
  return invalidIdentityToken(message, cause);
}

/** What AWS says of a provider that answers, but not with the key that signed; both spaces are AWS's. */
export function noVerificationKey(cause?: unknown): ServiceError {
  return invalidIdentityToken(
    "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity " +
      'documentation for requirements',
    cause,
  );
}

export function wrongThumbprint(): ServiceError {
  return invalidIdentityToken("OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint");
}

/** The caller may try again. The cause is for the log: whoever sends a token need not learn what the server reaches. */
export function providerUnreachable(cause: unknown): ServiceError {
  return new ServiceError(
    'IDPCommunicationErrorException',
    'The identity provider that was asked to verify the incoming identity token could not be reached.',
    { cause },
  );
}
