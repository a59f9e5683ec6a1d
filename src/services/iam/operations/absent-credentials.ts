import { checkPathPrefix } from '../domain/names.ts';
import { validationError } from '../errors.ts';
import { namedUser, userResources } from '../lookup.ts';
import { operation, type IamContext } from '../operation.ts';
import { pageOf, type PageInput } from '../pages.ts';

/**
 * Lists of what cannot be made here: they are empty, and say so to tools that look before they delete a user. That the
 * user exists is checked as ever.
 */
interface OfUser extends PageInput {
  readonly UserName?: string | undefined;
}

export const ListMFADevices = operation('ListMFADevices', {
  resources: userResources,
  readOnly: true,
  handle: async (ctx, input) => ({ MFADevices: [], ...(await noneOf(ctx, input)) }),
});

export const ListSigningCertificates = operation('ListSigningCertificates', {
  resources: userResources,
  readOnly: true,
  handle: async (ctx, input) => ({ Certificates: [], ...(await noneOf(ctx, input)) }),
});

export const ListSSHPublicKeys = operation('ListSSHPublicKeys', {
  resources: userResources,
  readOnly: true,
  handle: async (ctx, input) => ({ SSHPublicKeys: [], ...(await noneOf(ctx, input)) }),
});

export const ListServiceSpecificCredentials = operation('ListServiceSpecificCredentials', {
  resources: (input, scope, tx) => userResources(input.AllUsers ? { UserName: '*' } : input, scope, tx),
  readOnly: true,
  handle: async (ctx, input) => {
    const page = input.AllUsers ? none(input) : await noneOf(ctx, input);
    return { ServiceSpecificCredentials: [], ...page };
  },
});

export const ListVirtualMFADevices = operation('ListVirtualMFADevices', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (_ctx, input) => {
    const status = input.AssignmentStatus ?? 'Any';
    if (!['Assigned', 'Unassigned', 'Any'].includes(status)) {
      const constraint = 'Member must satisfy enum value set: [Unassigned, Any, Assigned]';
      throw validationError('assignmentStatus', constraint);
    }
    return { VirtualMFADevices: [], ...none(input) };
  },
});

export const ListServerCertificates = operation('ListServerCertificates', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (_ctx, input) => {
    checkPathPrefix(input.PathPrefix);
    return { ServerCertificateMetadataList: [], ...none(input) };
  },
});

export const ListSAMLProviders = operation('ListSAMLProviders', {
  resources: () => ['*'],
  readOnly: true,
  handle: async () => ({ SAMLProviderList: [] }),
});

/** Root has none of these either. */
async function noneOf(ctx: IamContext, input: OfUser): Promise<{ IsTruncated: boolean }> {
  const root = input.UserName === undefined && ctx.principal.kind === 'root';
  if (!root) await ctx.read((tx) => namedUser(ctx, tx, input.UserName));
  return none(input);
}

const none = (input: PageInput): { IsTruncated: boolean } => pageOf<string>([], String, input).page;
