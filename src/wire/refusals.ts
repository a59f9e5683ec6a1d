import { ServiceError } from '../kernel/errors.ts';
import type { WireService } from './contracts.ts';
import type { Identified } from './identified.ts';
import { bindingOf, ec2Path, lastMember, modelPath, textTrait, upperFirst, type Path } from './member-path.ts';
import { isJson, type Protocol } from './protocol.ts';
import { RequestError } from './request-error.ts';

/**
 * The words and codes in which each service refuses a request that does not fit its model. JSON services answer
 * SerializationException for wrong types; query services MalformedInput; EC2 and Route 53 have their own.
 */
type Callee = Pick<Identified, 'service' | 'operation' | 'protocol'>;

export function unknownOperation(
  protocol: Protocol | undefined,
  what: string,
  known: { service?: WireService | undefined; version?: string | undefined; httpStatus?: number } = {},
): RequestError {
  const { service, version, httpStatus } = known;
  const options = { protocol, service, ...(httpStatus === undefined ? {} : { httpStatus }) };
  if (protocol === 'ec2Query') {
    return new RequestError('InvalidAction', `The action ${what} is not valid for this web service.`, options);
  }
  if (protocol === 'awsQuery') {
    const suffix = version === undefined ? '' : ` for version ${version}`;
    return new RequestError('InvalidAction', `Could not find operation ${what}${suffix}`, options);
  }
  return new RequestError('UnknownOperationException', `Unknown operation: ${what}`, options);
}

/** A service of AWS that is not built here: said plainly, whatever is called of it. */
export function unsupportedService(signingName: string, protocol: Protocol): RequestError {
  const message = `Longshore does not support the service ${signingName} yet.`;
  return new RequestError('NotSupported', message, { httpStatus: 501, protocol });
}

/** A broken percent escape. */
export function unreadableForm(protocol: Protocol): RequestError {
  return new RequestError('MalformedQueryString', 'The query string contains a syntax error.', { protocol });
}

/** A body that is no JSON object, or no XML. */
export function unreadableBody(callee: Callee, why: string): ServiceError {
  if (isJson(callee.protocol)) return new ServiceError('SerializationException', why);
  if (callee.service === 's3') return malformedXml();
  return new ServiceError(callee.protocol === 'restXml' ? 'InvalidInput' : 'MalformedInput', `Invalid XML ; ${why}`);
}

/** A value of another type than the model's; `expected` and `found` are phrases such as `an Integer`, `STRING_VALUE`. */
export function wrongType(callee: Callee, path: Path, expected: string, found: string): ServiceError {
  switch (callee.protocol) {
    case 'ec2Query':
      return new ServiceError(
        'InvalidParameterValue',
        `Value (${found}) for parameter ${ec2Path(path)} is invalid. Expected ${expected}.`,
      );
    case 'awsQuery':
      return new ServiceError('MalformedInput', `${found} can not be converted to ${expected} (${modelPath(path)})`);
    case 'restXml':
      if (callee.service === 's3') return s3WrongType(path, found);
      return new ServiceError('InvalidInput', `${found} can not be converted to ${expected} (${modelPath(path)})`);
    default:
      return new ServiceError(
        'SerializationException',
        `${found} can not be converted to ${expected} (${modelPath(path)})`,
      );
  }
}

/** EC2 refuses parameters it does not know; the other services ignore them. */
export function unknownParameter(name: string): ServiceError {
  return new ServiceError('UnknownParameter', `The parameter ${name} is not recognized`);
}

/** Required members that are not there; at least one. */
export function missingMembers(callee: Callee, paths: readonly Path[]): ServiceError {
  const [first = []] = paths;
  switch (callee.service) {
    case 'ec2':
      return new ServiceError('MissingParameter', `The request must contain the parameter ${ec2Path(first)}`);
    case 'ecs':
      return missingForEcs(callee.operation.name, first);
    case 'ecr': {
      const message = `Invalid parameter at '${modelPath(first)}' failed to satisfy constraint: 'must not be null'`;
      return new ServiceError('InvalidParameterException', message);
    }
    case 'logs':
      return new ServiceError('InvalidParameterException', constraintMessage(paths));
    case 'route53':
      return new ServiceError('InvalidInput', constraintMessage(paths));
    case 's3':
      return s3Missing(first);
    case 'acm':
    case 'application-autoscaling':
    case 'cloudwatch':
    case 'secretsmanager':
    case 'ssm':
      return new ServiceError('ValidationException', constraintMessage(paths));
    default:
      return new ServiceError('ValidationError', constraintMessage(paths));
  }
}

/** Of S3's members those in the body are XML elements, the others headers or parameters of the query. */
function s3Missing(path: Path): ServiceError {
  const name = s3Argument(path);
  return name === undefined
    ? malformedXml()
    : new ServiceError('InvalidArgument', `Missing required argument: ${name}`);
}

function s3WrongType(path: Path, found: string): ServiceError {
  const name = s3Argument(path);
  return name === undefined
    ? malformedXml()
    : new ServiceError('InvalidArgument', `Invalid value for ${name}: ${found}`);
}

function s3Argument([step]: Path): string | undefined {
  if (step?.kind !== 'member') return undefined;
  const { traits, name } = step.member;
  if (bindingOf(step.member) === 'label') return name;
  return textTrait(traits, 'httpQuery') ?? textTrait(traits, 'httpHeader');
}

function malformedXml(): ServiceError {
  const message = 'The XML you provided was not well-formed or did not validate against our published schema';
  return new ServiceError('MalformedXML', message);
}

function missingForEcs(operation: string, path: Path): ServiceError {
  const name = upperFirst(lastMember(path));
  if (operation !== 'RegisterTaskDefinition') {
    return new ServiceError('InvalidParameterException', `${name} can not be blank.`);
  }
  const owner = path[0]?.kind === 'member' && path[0].member.name === 'containerDefinitions' && path.length > 1;
  const what = owner ? `Container.${lastMember(path)}` : name;
  return new ServiceError('ClientException', `${what} should not be null or empty.`);
}

function constraintMessage(paths: readonly Path[]): string {
  const count = `${paths.length} validation ${paths.length === 1 ? 'error' : 'errors'} detected`;
  const each = paths.map(
    (path) => `Value null at '${modelPath(path)}' failed to satisfy constraint: Member must not be null`,
  );
  return `${count}: ${each.join('; ')}`;
}
