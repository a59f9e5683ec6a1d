import type { AuthorizationCases } from '../api/authorization-cases.ts';
import type { Service } from '../api/service.ts';
import { ACM_CASES } from '../services/acm/authorization-cases.ts';
import { acm } from '../services/acm/index.ts';
import { APPLICATION_AUTOSCALING_CASES } from '../services/application-autoscaling/authorization-cases.ts';
import { applicationAutoscaling } from '../services/application-autoscaling/index.ts';
import { AUTOSCALING_CASES } from '../services/autoscaling/authorization-cases.ts';
import { autoscaling } from '../services/autoscaling/index.ts';
import { CLOUDTRAIL_CASES } from '../services/cloudtrail/authorization-cases.ts';
import { cloudtrail } from '../services/cloudtrail/index.ts';
import { CLOUDWATCH_CASES } from '../services/cloudwatch/authorization-cases.ts';
import { cloudwatch } from '../services/cloudwatch/index.ts';
import { EC2_CASES } from '../services/ec2/authorization-cases.ts';
import { ec2 } from '../services/ec2/index.ts';
import { ECR_CASES } from '../services/ecr/authorization-cases.ts';
import { ecr } from '../services/ecr/index.ts';
import { ECS_CASES } from '../services/ecs/authorization-cases.ts';
import { ecs } from '../services/ecs/index.ts';
import { ELBV2_CASES } from '../services/elbv2/authorization-cases.ts';
import { elbv2 } from '../services/elbv2/index.ts';
import { POLICY_CASES } from '../services/iam/authorization-cases/policies.ts';
import { ROLE_CASES } from '../services/iam/authorization-cases/roles.ts';
import { SIMULATION_CASES } from '../services/iam/authorization-cases/simulation.ts';
import { USER_CASES } from '../services/iam/authorization-cases/users.ts';
import { iam } from '../services/iam/index.ts';
import { LOGS_CASES } from '../services/logs/authorization-cases.ts';
import { logs } from '../services/logs/index.ts';
import { ROUTE53_CASES } from '../services/route53/authorization-cases.ts';
import { route53 } from '../services/route53/index.ts';
import { S3_CASES } from '../services/s3/authorization-cases.ts';
import { s3 } from '../services/s3/index.ts';
import { SECRETSMANAGER_CASES } from '../services/secretsmanager/authorization-cases.ts';
import { secretsmanager } from '../services/secretsmanager/index.ts';
import { SERVICEDISCOVERY_CASES } from '../services/servicediscovery/authorization-cases.ts';
import { servicediscovery } from '../services/servicediscovery/index.ts';
import { SSM_CASES } from '../services/ssm/authorization-cases.ts';
import { ssm } from '../services/ssm/index.ts';
import { STS_CASES } from '../services/sts/authorization-cases.ts';
import { sts } from '../services/sts/index.ts';

interface ServiceWithCases {
  readonly service: Service<any>;
  readonly cases: AuthorizationCases<any>;
}

/** Every service of the server, each with what its operations must be allowed. */
export const SERVICES_WITH_CASES: readonly ServiceWithCases[] = [
  { service: acm, cases: ACM_CASES },
  { service: applicationAutoscaling, cases: APPLICATION_AUTOSCALING_CASES },
  { service: autoscaling, cases: AUTOSCALING_CASES },
  { service: cloudtrail, cases: CLOUDTRAIL_CASES },
  { service: cloudwatch, cases: CLOUDWATCH_CASES },
  { service: ec2, cases: EC2_CASES },
  { service: ecr, cases: ECR_CASES },
  { service: ecs, cases: ECS_CASES },
  { service: elbv2, cases: ELBV2_CASES },
  { service: iam, cases: { ...USER_CASES, ...ROLE_CASES, ...POLICY_CASES, ...SIMULATION_CASES } },
  { service: logs, cases: LOGS_CASES },
  { service: route53, cases: ROUTE53_CASES },
  { service: s3, cases: S3_CASES },
  { service: secretsmanager, cases: SECRETSMANAGER_CASES },
  { service: servicediscovery, cases: SERVICEDISCOVERY_CASES },
  { service: ssm, cases: SSM_CASES },
  { service: sts, cases: STS_CASES },
];
