import type { Service } from '../../api/service.ts';
import type { EcrPorts } from './operation.ts';
import * as authorization from './operations/authorization.ts';
import * as batchDeleteImage from './operations/batch-delete-image.ts';
import * as imageLists from './operations/image-lists.ts';
import * as images from './operations/images.ts';
import * as layers from './operations/layers.ts';
import * as registry from './operations/registry.ts';
import * as repositoryOperations from './operations/repositories.ts';
import * as tagging from './operations/tags.ts';
import { spaceReconciler } from './reconcilers/space.ts';
import { tagsOfArn } from './repositories.ts';
import { repositories } from './tables.ts';

export const ecr: Service<EcrPorts> = {
  name: 'ecr',
  principal: 'ecr.amazonaws.com',
  operations: {
    ...authorization,
    ...batchDeleteImage,
    ...imageLists,
    ...images,
    ...layers,
    ...registry,
    ...repositoryOperations,
    ...tagging,
  },
  tables: [repositories],
  resourceTags: tagsOfArn,
  reconcilers: (env) => [spaceReconciler(env)],
};

export { ecrRepositories } from './repositories.ts';
export type { EcrPorts } from './operation.ts';
