import type { PartWork } from '../site.ts';
import type { Part } from '../tables.ts';
import { certificate } from './certificate.ts';
import { listener } from './listener.ts';
import { loadBalancer } from './load-balancer.ts';
import { logGroup } from './log-group.ts';
import { name } from './name.ts';
import { rollbackAlarm } from './rollback-alarm.ts';
import { scaling } from './scaling.ts';
import { securityGroup } from './security-group.ts';
import { service } from './service.ts';
import { targetGroup } from './target-group.ts';

/** How each part of an Express service is made and removed. */
export const WORK: Readonly<Record<Part, PartWork>> = {
  'log-group': logGroup,
  certificate,
  'load-balancer': loadBalancer,
  'security-group': securityGroup,
  'target-group': targetGroup,
  listener,
  name,
  service,
  scaling,
  'rollback-alarm': rollbackAlarm,
};
