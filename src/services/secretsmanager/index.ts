import type { Service } from '../../api/service.ts';
import { policyOnArn, tagsOfArn } from './lookup.ts';
import type { SecretsManagerPorts } from './operation.ts';
import { BatchGetSecretValue } from './operations/batch-get-secret-value.ts';
import { CreateSecret } from './operations/create-secret.ts';
import { DeleteSecret, RestoreSecret } from './operations/deletion.ts';
import { ListSecrets } from './operations/list-secrets.ts';
import { GetRandomPassword } from './operations/random-password.ts';
import * as resourcePolicies from './operations/resource-policies.ts';
import * as secretValues from './operations/secret-values.ts';
import { DescribeSecret, UpdateSecret } from './operations/secrets.ts';
import { TagResource, UntagResource } from './operations/tags.ts';
import { ListSecretVersionIds, UpdateSecretVersionStage } from './operations/versions.ts';
import { deletionReconciler } from './reconcilers/deletion.ts';
import { secrets, values, versions } from './tables.ts';

export type { SecretsManagerPorts } from './operation.ts';

/** AWS Secrets Manager, without rotation (it needs Lambda) and replicas. */
export const secretsmanager: Service<SecretsManagerPorts> = {
  name: 'secretsmanager',
  principal: 'secretsmanager.amazonaws.com',
  operations: {
    BatchGetSecretValue,
    CreateSecret,
    DeleteSecret,
    DescribeSecret,
    GetRandomPassword,
    ListSecretVersionIds,
    ListSecrets,
    RestoreSecret,
    TagResource,
    UntagResource,
    UpdateSecret,
    UpdateSecretVersionStage,
    ...resourcePolicies,
    ...secretValues,
  },
  tables: [secrets, versions, values],
  resourceTags: tagsOfArn,
  resourcePolicy: policyOnArn,
  reconcilers: (env) => [deletionReconciler(env)],
};
