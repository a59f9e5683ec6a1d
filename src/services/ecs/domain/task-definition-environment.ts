import type { ContainerDefinition, RepositoryCredentials } from '@aws-sdk/client-ecs';
import { parseArn } from '../../../kernel/arn.ts';
import { clientError } from '../errors.ts';

const MOST_FILES = 10;

/** Variables, files of variables, and secrets. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/taskdef-envfiles.html */
export function checkEnvironment(container: ContainerDefinition): void {
  const { environment = [], environmentFiles = [] } = container;
  if (environment.some(({ name }) => !name)) throw clientError('Environment variable name cannot be blank.');
  checkSecrets(container);
  checkEnvironmentFiles(environmentFiles);
  if (container.repositoryCredentials) checkCredentials(container.repositoryCredentials);
}

/** A secret by its ARN or, in the task's own region, its name. */
function checkCredentials({ credentialsParameter = '' }: RepositoryCredentials): void {
  if (credentialsParameter === '') throw clientError('repositoryCredentials.credentialsParameter cannot be blank.');
  if (credentialsParameter.startsWith('arn:') && parseArn(credentialsParameter)?.service !== 'secretsmanager') {
    throw clientError('Invalid arn syntax.');
  }
}

function checkEnvironmentFiles(
  files: readonly { readonly type?: string | undefined; readonly value?: string | undefined }[],
): void {
  if (files.length > MOST_FILES) throw clientError(`environmentFiles can have at most ${MOST_FILES} items.`);
  for (const { type, value = '' } of files) {
    if (type !== 's3') throw clientError(`Invalid environment file type: ${type}. It must be s3.`);
    if (parseArn(value)?.service !== 's3') throw clientError('Invalid arn syntax.');
    if (!value.endsWith('.env')) {
      throw clientError(`Environment file ${value} must have a .env file extension.`);
    }
  }
}

/**
 * A secret of Secrets Manager by its ARN, or a parameter by its ARN or, in the task's own region, its name.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Secret.html
 */
function checkSecrets({ secrets = [], environment = [] }: ContainerDefinition): void {
  const taken = new Set(environment.map(({ name }) => name));
  for (const { name, valueFrom = '' } of secrets) {
    if (!name) throw clientError('The secret name cannot be blank.');
    if (taken.has(name)) {
      throw clientError(
        `The secret name must be unique and not shared with any new or existing environment variables set on the container, such as '${name}'.`,
      );
    }
    taken.add(name);
    if (valueFrom === '') throw clientError(`The value of the secret '${name}' cannot be blank.`);
    if (valueFrom.startsWith('arn:') && secretStore(valueFrom) === undefined) {
      throw clientError(
        `The secret '${name}' must be an ARN of Secrets Manager or of Systems Manager Parameter Store.`,
      );
    }
  }
}

/** Where a secret's value is kept: a name without an ARN is a parameter's. */
export function secretStore(valueFrom: string): 'asm' | 'ssm' | undefined {
  if (!valueFrom.startsWith('arn:')) return 'ssm';
  const service = parseArn(valueFrom)?.service;
  if (service === 'secretsmanager') return 'asm';
  return service === 'ssm' ? 'ssm' : undefined;
}
