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

export const incorrectState = (message: string) => error('IncorrectState', message);
export const prefixListVersionMismatch = (id: string) =>
  error('PrefixListVersionMismatch', `The prefix list '${id}' has a different current version.`);
export const prefixListEntryNotFound = (cidr: string) => invalidParameterValue(`The prefix list has no entry ${cidr}.`);
export const prefixListMaxEntriesExceeded = (limit: number) =>
  error('PrefixListMaxEntriesExceeded', `The prefix list can have at most ${limit} entries.`);

export const defaultVpcExists = () =>
  error('DefaultVpcAlreadyExists', 'A Default VPC already exists for this account in this region.');
export const invalidVpcRange = (cidr: string) => error('InvalidVpc.Range', `The CIDR '${cidr}' is invalid.`);
export const invalidSubnetRange = (cidr: string) => error('InvalidSubnet.Range', `The CIDR '${cidr}' is invalid.`);
export const subnetConflict = (cidr: string) =>
  error('InvalidSubnet.Conflict', `The CIDR '${cidr}' conflicts with another subnet`);
export const hasDependencies = (noun: string, id: string) =>
  error('DependencyViolation', `The ${noun} '${id}' has dependencies and cannot be deleted.`);
export const mappedAddresses = (vpcId: string) =>
  error(
    'DependencyViolation',
    `Network ${vpcId} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
  );
export const gatewayAttached = (gatewayId: string, vpcId: string) =>
  error('Resource.AlreadyAssociated', `resource ${gatewayId} is already attached to network ${vpcId}`);
export const gatewayNotAttachedTo = (gatewayId: string, vpcId: string) =>
  error('Gateway.NotAttached', `resource ${gatewayId} is not attached to network ${vpcId}`);
export const routeExists = (cidr: string) =>
  error('RouteAlreadyExists', `The route identified by ${cidr} already exists.`);
export const routeNotFound = (cidr: string, tableId: string) =>
  error('InvalidRoute.NotFound', `no route with destination-cidr-block ${cidr} in route table ${tableId}`);
export const differentNetworks = (one: string, other: string) =>
  invalidParameterValue(`${one} and ${other} belong to different networks`);
export const associationConflict = (tableId: string) =>
  error(
    'Resource.AlreadyAssociated',
    `the specified association for route table ${tableId} conflicts with an existing association`,
  );
export const associationNotFound = (id: string) =>
  error('InvalidAssociationID.NotFound', `The association ID '${id}' does not exist`);

export const interfaceInUse = (id: string) =>
  error('InvalidNetworkInterface.InUse', `The network interface '${id}' is currently in use.`);
export const instanceNotValid = (id: string) =>
  error('InvalidInstanceID', `The instance '${id}' is not in a valid state for this operation.`);

export const imageNotFound = (ids: readonly string[]) =>
  error(
    'InvalidAMIID.NotFound',
    `The image id${ids.length > 1 ? 's' : ''} '[${ids.join(', ')}]' do${ids.length > 1 ? '' : 'es'} not exist`,
  );
export const malformedImageId = (id: string) =>
  error('InvalidAMIID.Malformed', `Invalid id: "${id}" (expecting "ami-...")`);
export const invalidInstanceType = (name: string) => invalidParameterValue(`Invalid value '${name}' for InstanceType.`);
export const unknownInstanceTypes = (names: readonly string[]) =>
  error('InvalidInstanceType', `The following supplied instance types do not exist: [${names.join(', ')}]`);
export const architectureMismatch = (ofType: string, ofImage: string) =>
  invalidParameterValue(
    `The architecture '${ofType}' of the specified instance type does not match the architecture '${ofImage}' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again. You can use 'describe-instance-types' or 'describe-images' to discover the architecture of the instance type or AMI.`,
  );
export const insufficientInstanceCapacity = (type: string, zone: string) =>
  error(
    'InsufficientInstanceCapacity',
    `We currently do not have sufficient ${type} capacity in the Availability Zone you requested (${zone}). The host's CPUs or memory are promised to other instances.`,
    500,
  );
export const noInstanceHost = () => error('Unsupported', 'This server has no host to run instances on.');
export const instancesNotFound = (ids: readonly string[]) =>
  ids.length === 1
    ? notFound('InvalidInstanceID.NotFound', 'instance ID', ids[0] ?? '')
    : error('InvalidInstanceID.NotFound', `The instance IDs '${ids.join(', ')}' do not exist`);
export const incorrectInstanceState = (message: string) => error('IncorrectInstanceState', message);
export const unsupportedOperation = (message: string) => error('UnsupportedOperation', message);
export const invalidUserData = () => invalidParameterValue('Invalid BASE64 encoding of user data.');
export const userDataTooLong = () => invalidParameterValue('User data is limited to 16384 bytes');
export const invalidProfile = (member: 'arn' | 'name', value: string) =>
  invalidParameterValue(
    `Value (${value}) for parameter iamInstanceProfile.${member} is invalid. Invalid IAM Instance Profile ${member === 'arn' ? 'ARN' : 'name'}`,
  );
export const profileAssociationNotFound = (id: string) =>
  error('NoSuchAssociation', `An invalid association-id of '${id}' was given`);
export const profileAssociated = (instanceId: string) =>
  incorrectState(`There is an existing association for instance ${instanceId}`);

export const keyPairNotFound = (name: string) =>
  error('InvalidKeyPair.NotFound', `The key pair '${name}' does not exist`);
export const duplicateKeyPair = () => error('InvalidKeyPair.Duplicate', 'The keypair already exists');
export const invalidKeyFormat = () => error('InvalidKey.Format', 'Key is not in valid OpenSSH public key format');

export const templateIdNotFound = (id: string) =>
  error('InvalidLaunchTemplateId.NotFound', `The specified launch template, with template ID ${id}, does not exist.`);
export const templateNameNotFound = (name: string) =>
  error(
    'InvalidLaunchTemplateName.NotFoundException',
    `The specified launch template, with template name ${name}, does not exist.`,
  );
export const templateNameTaken = () =>
  error('InvalidLaunchTemplateName.AlreadyExistsException', 'Launch template name already in use.');
export const templateNameMalformed = () =>
  error(
    'InvalidLaunchTemplateName.MalformedException',
    'Launch template name must be between 3 and 128 characters, and may contain letters, numbers, and the following characters: - ( ) . / _.',
  );
export const templateVersionNotFound = () =>
  error('InvalidLaunchTemplateId.VersionNotFound', 'Could not find launch template version');

export const aclEntryExists = (number: number) =>
  error('NetworkAclEntryAlreadyExists', `The network acl entry identified by ${number} already exists.`);
export const aclEntryNotFound = (number: number) =>
  error('InvalidNetworkAclEntry.NotFound', `The network acl entry identified by ${number} does not exist`);
export const aclEntryLimitExceeded = () =>
  error('NetworkAclEntryLimitExceeded', 'The maximum number of network acl entries has been reached.');

export const invalidParameter = (message: string) => error('InvalidParameter', message);
export const endpointServiceNotFound = (name: string) =>
  error('InvalidServiceName', `The Vpc Endpoint Service '${name}' does not exist`);
export const endpointRouteExists = (tableId: string, listId: string) =>
  error('RouteAlreadyExists', `route table ${tableId} already has a route with destination-prefix-list-id ${listId}`);
export const duplicateEndpointZone = (subnetId: string) =>
  error(
    'DuplicateSubnetsInSameZone',
    `Found another VPC endpoint subnet in the availability zone of ${subnetId}. Endpoint subnets must be in different availability zones.`,
  );
export const privateDnsConflict = (domain: string, vpcId: string) =>
  invalidParameter(
    `private-dns-enabled cannot be set because there is already a conflicting DNS domain for ${domain} in the VPC ${vpcId}`,
  );
