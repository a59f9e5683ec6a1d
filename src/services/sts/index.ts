import type { Service } from '../../api/service.ts';
import { GetCallerIdentity } from './operations/get-caller-identity.ts';

/** AWS Security Token Service: who calls. Roles and sessions wait for IAM. */
export const sts: Service = {
  name: 'sts',
  principal: 'sts.amazonaws.com',
  operations: { GetCallerIdentity },
  tables: [],
  reconcilers: () => [],
};
