import type { Clock } from '../../kernel/clock.ts';
import type { AcmeAccountKeys, AcmeIssuer, ChallengeAnswers } from '../acme.ts';
import { HttpAcmeIssuer } from './acme-issuer.ts';
import { AcmeSession } from './session.ts';
import { acmeTransport } from './transport.ts';

export interface AcmeOptions {
  /** Of the directory, e.g. `https://acme-v02.api.letsencrypt.org/directory`. */
  readonly directoryUrl: string;
  /** Where the authority may write to the operator. */
  readonly email?: string;
  /** Trusted beside the public roots: of a private ACME server. */
  readonly caPem?: string;
  readonly keys: AcmeAccountKeys;
  readonly answers: ChallengeAnswers;
  readonly clock: Clock;
}

/** An issuer over HTTP. Nothing is asked before the first order. */
export function openAcmeIssuer({ caPem, answers, clock, ...options }: AcmeOptions): AcmeIssuer {
  const session = new AcmeSession({ ...options, clock, transport: acmeTransport(caPem) });
  return new HttpAcmeIssuer(session, answers, clock);
}
