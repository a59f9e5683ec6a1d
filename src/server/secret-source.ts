import { parseArn, type Scope } from '../kernel/arn.ts';
import type { SecretReference } from '../executor/secrets.ts';

/** Where the value of one environment variable comes from. */
export type SecretSource = ParameterSource | SecretsManagerSource;

export interface ParameterSource {
  readonly from: 'ssm';
  readonly variable: string;
  /** As Parameter Store is asked for it: a name, or an ARN of another account. */
  readonly parameter: string;
  readonly region: string;
}

export interface SecretsManagerSource {
  readonly from: 'asm';
  readonly variable: string;
  readonly secretArn: string;
  readonly region: string;
  /** A member of the secret, which then is a JSON object. */
  readonly jsonKey?: string;
  readonly versionStage?: string;
  readonly versionId?: string;
}

/**
 * What a `valueFrom` means for a task in `home`: whatever is no ARN is a parameter's name.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
 */
export function sourceOf({ name: variable, valueFrom }: SecretReference, home: Scope): SecretSource {
  const arn = parseArn(valueFrom);
  if (arn?.service === 'secretsmanager') {
    const [kind, id, jsonKey, versionStage, versionId] = arn.resource.split(':');
    const { partition, service, region, account } = arn;
    return {
      from: 'asm',
      variable,
      secretArn: ['arn', partition, service, region, account, kind, id].join(':'),
      region,
      ...(jsonKey && { jsonKey }),
      ...(versionStage && { versionStage }),
      ...(versionId && { versionId }),
    };
  }
  if (arn?.service !== 'ssm') return { from: 'ssm', variable, parameter: valueFrom, region: home.region };
  const parameter = arn.account === home.account ? arn.resource.replace(/^parameter/, '') : valueFrom;
  return { from: 'ssm', variable, parameter, region: arn.region };
}
