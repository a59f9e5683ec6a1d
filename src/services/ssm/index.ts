import type { Service } from '../../api/service.ts';
import { tagsOfArn } from './arns.ts';
import type { SsmPorts } from './operation.ts';
import * as deletions from './operations/delete-parameters.ts';
import * as descriptions from './operations/describe-parameters.ts';
import * as reads from './operations/get-parameters.ts';
import * as labels from './operations/labels.ts';
import { PutParameter } from './operations/put-parameter.ts';
import { ResumeSession, TerminateSession } from './operations/sessions.ts';
import * as tags from './operations/tags.ts';
import { parameters, pastVersions } from './tables.ts';

export type { SessionsPort, SsmPorts } from './operation.ts';

/** Systems Manager: Parameter Store, and the sessions of ECS Exec. */
export const ssm: Service<SsmPorts> = {
  name: 'ssm',
  principal: 'ssm.amazonaws.com',
  operations: {
    PutParameter,
    ...reads,
    ...descriptions,
    ...labels,
    ...deletions,
    ...tags,
    ResumeSession,
    TerminateSession,
  },
  tables: [parameters, pastVersions],
  resourceTags: tagsOfArn,
  reconcilers: () => [],
};
