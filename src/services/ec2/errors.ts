import { ServiceError } from '../../kernel/errors.ts';

/**
 * EC2's errors: raw wire codes, since its model has no error shapes.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
const error = (code: string, message: string, httpStatus = 400) => new ServiceError(code, message, { httpStatus });

export const dryRunOperation = () =>
  error('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);

export const invalidParameterValue = (message: string) => error('InvalidParameterValue', message);
export const invalidParameterCombination = (message: string) => error('InvalidParameterCombination', message);
export const missingParameter = (name: string) =>
  error('MissingParameter', `The request must contain the parameter ${name}`);
export const unsupportedParameter = (name: string) =>
  invalidParameterValue(`The parameter ${name} is not supported by this server.`);
export const unsupportedValue = (value: string, name: string, instead: string) =>
  invalidParameterValue(`The value '${value}' for ${name} is not supported by this server. ${instead}`);

export const invalidFilter = (name: string) => invalidParameterValue(`The filter '${name}' is invalid`);
export const filterLimitExceeded = () =>
  error('FilterLimitExceeded', 'The maximum number of filter values specified on a single call is 200');
export const invalidPaginationToken = () => error('InvalidPaginationToken', 'The specified token is not valid.');
export const invalidMaxResults = (value: number) =>
  invalidParameterValue(
    value < 5
      ? `Value ( ${value} ) for parameter maxResults is invalid. Expecting a value greater than 5.`
      : `Value ( ${value} ) for parameter maxResults is invalid. Expecting a value less than 1000.`,
  );

export const idempotentParameterMismatch = (token: string) =>
  error(
    'IdempotentParameterMismatch',
    `The client token '${token}' was used before with different parameters. Use a new one, or the same parameters.`,
  );
export const tagLimitExceeded = () =>
  error('TagLimitExceeded', 'The maximum number of Tags for a resource has been reached.');
export const invalidId = (id: string) => error('InvalidID', `The ID '${id}' is not valid`);

export const malformedId = (code: string, id: string, prefix: string) =>
  error(code, `Invalid id: "${id}" (expecting "${prefix}-...")`);
export const notFound = (code: string, noun: string, id: string) => error(code, `The ${noun} '${id}' does not exist`);

export const noDefaultVpc = () =>
  error('VPCIdNotSpecified', 'No default VPC for this user. GroupName is only supported for default VPC.');
export const vpcLimitExceeded = () => error('VpcLimitExceeded', 'The maximum number of VPCs has been reached.');
export const insufficientFreeAddresses = (subnetId: string) =>
  error(
    'InsufficientFreeAddressesInSubnet',
    `The subnet '${subnetId}' does not have enough free addresses to satisfy the request.`,
  );
export const addressInUse = (address: string) => error('InvalidIPAddress.InUse', `Address ${address} is in use.`);
export const operationNotPermitted = (message: string) => error('OperationNotPermitted', message);
export const dependencyViolation = (id: string, dependant: string) =>
  error('DependencyViolation', `resource ${id} has a dependent object: ${dependant}`);

export const duplicateGroup = (name: string, vpcId: string) =>
  error('InvalidGroup.Duplicate', `The security group '${name}' already exists for VPC '${vpcId}'`);
export const groupNameNotFound = (name: string, vpcId: string) =>
  error('InvalidGroup.NotFound', `The security group '${name}' does not exist in default VPC '${vpcId}'`);
export const otherNetwork = () =>
  error('InvalidGroup.NotFound', 'You have specified two resources that belong to different networks.');
export const cannotDeleteGroup = (groupId: string, name: string) =>
  error('CannotDelete', `the specified group: "${groupId}" name: "${name}" cannot be deleted by a user`);
export const groupsPerInterfaceLimitExceeded = (limit: number) =>
  error('SecurityGroupsPerInterfaceLimitExceeded', `A network interface can have at most ${limit} security groups.`);
export const rulesPerGroupLimitExceeded = () =>
  error('RulesPerSecurityGroupLimitExceeded', 'The maximum number of rules per security group has been reached.');
export const duplicatePermission = (rule: string) =>
  error('InvalidPermission.Duplicate', `the specified rule "${rule}" already exists`);
export const permissionNotFound = () =>
  error('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');

export const addressLimitExceeded = () =>
  error('AddressLimitExceeded', 'The maximum number of addresses has been reached: every public address is in use.');
export const addressNotFound = (address: string) => error('InvalidAddress.NotFound', `Address '${address}' not found.`);
export const addressIsAssociated = (address: string) =>
  error('InvalidIPAddress.InUse', `Address ${address} is in use. Disassociate it before you release it.`);
export const alreadyAssociated = (allocationId: string, associationId: string) =>
  error(
    'Resource.AlreadyAssociated',
    `resource ${allocationId} is already associated with associate-id ${associationId}`,
  );
export const gatewayNotAttached = (vpcId: string) =>
  error('Gateway.NotAttached', `Network ${vpcId} is not attached to any internet gateway`);
