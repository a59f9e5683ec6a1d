import type * as acm from '@aws-sdk/client-acm';
import type * as applicationautoscaling from '@aws-sdk/client-application-auto-scaling';
import type * as autoscaling from '@aws-sdk/client-auto-scaling';
import type * as cloudtrail from '@aws-sdk/client-cloudtrail';
import type * as cloudwatch from '@aws-sdk/client-cloudwatch';
import type * as logs from '@aws-sdk/client-cloudwatch-logs';
import type * as ec2 from '@aws-sdk/client-ec2';
import type * as ecr from '@aws-sdk/client-ecr';
import type * as ecs from '@aws-sdk/client-ecs';
import type * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2';
import type * as iam from '@aws-sdk/client-iam';
import type * as route53 from '@aws-sdk/client-route-53';
import type * as s3 from '@aws-sdk/client-s3';
import type * as secretsmanager from '@aws-sdk/client-secrets-manager';
import type * as ssm from '@aws-sdk/client-ssm';
import type * as servicediscovery from '@aws-sdk/client-servicediscovery';
import type * as sts from '@aws-sdk/client-sts';

/** The services that this server answers, by the name we and the aws CLI use, typed by the AWS SDK. */
export interface Apis {
  acm: Api<typeof acm>;
  'application-autoscaling': Api<typeof applicationautoscaling>;
  autoscaling: Api<typeof autoscaling>;
  cloudtrail: Api<typeof cloudtrail>;
  cloudwatch: Api<typeof cloudwatch>;
  ec2: Api<typeof ec2>;
  ecr: Api<typeof ecr>;
  ecs: Api<typeof ecs>;
  elbv2: Api<typeof elbv2>;
  iam: Api<typeof iam>;
  logs: Api<typeof logs>;
  route53: Api<typeof route53>;
  s3: Api<typeof s3>;
  secretsmanager: Api<typeof secretsmanager>;
  ssm: Api<typeof ssm>;
  servicediscovery: Api<typeof servicediscovery>;
  sts: Api<typeof sts>;
}

export type ServiceName = keyof Apis;

/** Every operation of an SDK client with its input and output: read off the client's `XCommand` classes. */
export type Api<M> = {
  [K in keyof M as K extends `${infer Name}Command` ? Name : never]: M[K] extends abstract new (...args: never[]) => {
    readonly input: infer I;
    resolveMiddleware(...args: never[]): unknown;
  }
    ? { input: I; output: OutputOf<M[K]> }
    : never;
};

type OutputOf<C> = C extends abstract new (...args: never[]) => infer Command
  ? Command extends { resolveMiddleware(...args: never[]): (...args: never[]) => Promise<{ output: infer O }> }
    ? Omit<O, '$metadata'>
    : never
  : never;

export type OperationName<S extends ServiceName> = keyof Apis[S] & string;
export type Input<S extends ServiceName, O extends OperationName<S>> = Apis[S][O] extends { input: infer I }
  ? I
  : never;
export type Output<S extends ServiceName, O extends OperationName<S>> = Apis[S][O] extends { output: infer R }
  ? R
  : never;
