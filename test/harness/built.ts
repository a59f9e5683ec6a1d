import { acm } from '../../src/services/acm/index.ts';
import { ec2 } from '../../src/services/ec2/index.ts';
import { cloudtrail } from '../../src/services/cloudtrail/index.ts';
import { ecr } from '../../src/services/ecr/index.ts';
import { ecs } from '../../src/services/ecs/index.ts';
import { elbv2 } from '../../src/services/elbv2/index.ts';
import { iam } from '../../src/services/iam/index.ts';
import { logs } from '../../src/services/logs/index.ts';
import { route53 } from '../../src/services/route53/index.ts';
import { s3 } from '../../src/services/s3/index.ts';
import { secretsmanager } from '../../src/services/secretsmanager/index.ts';
import { ssm } from '../../src/services/ssm/index.ts';
import { applicationAutoscaling } from '../../src/services/application-autoscaling/index.ts';
import { autoscaling } from '../../src/services/autoscaling/index.ts';
import { cloudwatch } from '../../src/services/cloudwatch/index.ts';
import { servicediscovery } from '../../src/services/servicediscovery/index.ts';
import { sts } from '../../src/services/sts/index.ts';
import type { ServiceName } from './operations.ts';

/** The services with the operations that are built. */
export const BUILT: Readonly<Record<ServiceName, { readonly operations: object }>> = {
  acm,
  cloudtrail,
  ec2,
  ecr,
  ecs,
  elbv2,
  iam,
  logs,
  route53,
  s3,
  secretsmanager,
  ssm,
  'application-autoscaling': applicationAutoscaling,
  autoscaling,
  cloudwatch,
  servicediscovery,
  sts,
};
