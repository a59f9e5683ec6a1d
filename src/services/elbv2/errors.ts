import { messageOf, ServiceError } from '../../kernel/errors.ts';

/** ELB answers broken input with this code, which its model does not have. */
export const invalid = (message: string) => new ServiceError('ValidationError', message);

export const notSupported = (what: string, instead = '') =>
  invalid(`${what} is not supported by this server.${instead === '' ? '' : ` ${instead}`}`);

export const notInEnum = (value: string, member: string, values: readonly string[]) =>
  invalid(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must satisfy enum value set: [${values.join(', ')}]`,
  );

export const invalidConfiguration = (message: string) =>
  new ServiceError('InvalidConfigurationRequestException', message);

export const invalidAction = (message: string) => new ServiceError('InvalidLoadBalancerActionException', message);

export const zonelessTargets = () =>
  invalidConfiguration(
    "Cross-zone load balancing cannot be off while a target is registered with the Availability Zone 'all'",
  );

export const notPermitted = (message: string) => new ServiceError('OperationNotPermittedException', message);

export const inUse = (message: string) => new ServiceError('ResourceInUseException', message);

export const loadBalancerNotFound = (arn?: string) =>
  new ServiceError(
    'LoadBalancerNotFoundException',
    arn === undefined ? 'One or more load balancers not found' : `Load balancer '${arn}' not found`,
  );

export const listenerNotFound = (arn?: string) =>
  new ServiceError(
    'ListenerNotFoundException',
    arn === undefined ? 'One or more listeners not found' : `Listener '${arn}' not found`,
  );

export const ruleNotFound = () => new ServiceError('RuleNotFoundException', 'One or more rules not found');

export const targetGroupNotFound = (arn?: string) =>
  new ServiceError(
    'TargetGroupNotFoundException',
    arn === undefined ? 'One or more target groups not found' : `Target groups '${arn}' not found`,
  );

export const trustStoreNotFound = (arn?: string) =>
  new ServiceError(
    'TrustStoreNotFoundException',
    arn === undefined ? 'One or more trust stores not found' : `Trust store '${arn}' not found`,
  );

export const revocationNotFound = (id: number) =>
  new ServiceError('RevocationIdNotFoundException', `Revocation ID '${id}' not found`);

export const duplicateLoadBalancer = (name: string) =>
  new ServiceError(
    'DuplicateLoadBalancerNameException',
    `A load balancer with the same name '${name}' exists, but with different settings`,
  );

export const duplicateTargetGroup = (name: string) =>
  new ServiceError(
    'DuplicateTargetGroupNameException',
    `A target group with the same name '${name}' exists, but with different settings`,
  );

export const duplicateListener = (loadBalancerArn: string) =>
  new ServiceError(
    'DuplicateListenerException',
    `A listener already exists on this port for this load balancer '${loadBalancerArn}'`,
  );

export const priorityInUse = (priority: number) =>
  new ServiceError('PriorityInUseException', `Priority '${priority}' is currently in use`);

export const certificateNotFound = (arn: string) =>
  new ServiceError('CertificateNotFoundException', `Certificate '${arn}' not found`);

/** A code that ELB's model does not have either. */
export const unsupportedCertificate = (arn: string, why: string) =>
  new ServiceError(
    'UnsupportedCertificate',
    `The certificate '${arn}' must have a fully-qualified domain name, a supported signature, and a supported key size. (${why})`,
  );

export const sslPolicyNotFound = (name: string) =>
  new ServiceError('SSLPolicyNotFoundException', `SSL policy '${name}' not found`);

export const unsupportedProtocol = (protocol: string) =>
  new ServiceError('UnsupportedProtocolException', `Protocol '${protocol}' is not supported for this load balancer`);

export const subnetNotFound = (message: string) => new ServiceError('SubnetNotFoundException', message);

export const invalidSubnet = (message: string) => new ServiceError('InvalidSubnetException', message);

export const invalidSecurityGroup = (message: string) => new ServiceError('InvalidSecurityGroupException', message);

export const invalidTarget = (message: string) => new ServiceError('InvalidTargetException', message);

export const duplicateTagKeys = () =>
  new ServiceError('DuplicateTagKeysException', 'A tag key was specified more than once.');

export const tooManyTags = (message: string) => new ServiceError('TooManyTagsException', message);

/** Groups that other load balancers use: each belongs to one only. */
export const groupsOfAnother = (arns: readonly string[]) =>
  new ServiceError(
    'TargetGroupAssociationLimitException',
    `The following target groups cannot be associated with more than one load balancer: ${arns.join(', ')}`,
  );

/** A quota that is used up; `code` names which. */
export const tooMany = (
  code:
    | 'TooManyLoadBalancersException'
    | 'TooManyTargetGroupsException'
    | 'TooManyListenersException'
    | 'TooManyRulesException'
    | 'TooManyCertificatesException'
    | 'TooManyTargetsException'
    | 'TooManyActionsException'
    | 'TooManyTrustStoresException'
    | 'TooManyTrustStoreRevocationEntriesException',
  message: string,
) => new ServiceError(code, message);

/** Turns an error of another service, told by the beginning of its code, into one of ours. */
export async function translating<T>(
  work: Promise<T>,
  codePrefix: string,
  translate: (message: string) => ServiceError,
): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ServiceError && error.code.startsWith(codePrefix)) throw translate(messageOf(error));
    throw error;
  }
}
