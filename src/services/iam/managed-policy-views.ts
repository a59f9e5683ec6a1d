import type { ManagedPolicyDetail, Policy, PolicyVersion } from '@aws-sdk/client-iam';
import { encodedDocument } from './domain/encoded-document.ts';
import type { ManagedPolicy } from './managed-policies.ts';
import type { PolicyUsage } from './policy-usage.ts';
import type { PolicyVersion as Version } from './tables.ts';
import { tagMember } from './tagging.ts';
import { wholeSeconds } from './whole-seconds.ts';

/** As GetPolicy answers: all of it. */
export function policyView(policy: ManagedPolicy, usage: PolicyUsage): Policy {
  return { ...policyListing(policy, usage), ...descriptionMember(policy), Tags: tagMember(policy.tags).Tags ?? [] };
}

/** As CreatePolicy answers: without the description. */
export function createdPolicy(policy: ManagedPolicy, usage: PolicyUsage): Policy {
  return { ...policyListing(policy, usage), ...tagMember(policy.tags) };
}

/** As ListPolicies answers: without the description and the tags. */
export function policyListing(policy: ManagedPolicy, usage: PolicyUsage): Policy {
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: policy.defaultVersionId,
    AttachmentCount: usage.attachments,
    PermissionsBoundaryUsageCount: usage.boundaries,
    IsAttachable: true,
    CreateDate: wholeSeconds(policy.createdAtMs),
    UpdateDate: wholeSeconds(policy.updatedAtMs),
  };
}

/** As GetAccountAuthorizationDetails answers, with every version's document. */
export function policyDetail(policy: ManagedPolicy, usage: PolicyUsage): ManagedPolicyDetail {
  return {
    ...policyListing(policy, usage),
    ...descriptionMember(policy),
    PolicyVersionList: newestFirst(policy).map((version) => versionView(policy, version)),
  };
}

/** As GetPolicyVersion answers. */
export function versionView(policy: ManagedPolicy, version: Version): PolicyVersion {
  return { Document: encodedDocument(version.document), ...versionListing(policy, version) };
}

/** As ListPolicyVersions and CreatePolicyVersion answer: without the document. */
export function versionListing(policy: { readonly defaultVersionId: string }, version: Version): PolicyVersion {
  return {
    VersionId: version.id,
    IsDefaultVersion: version.id === policy.defaultVersionId,
    CreateDate: wholeSeconds(version.createdAtMs),
  };
}

export function newestFirst(policy: ManagedPolicy): Version[] {
  return policy.versions.toReversed();
}

function descriptionMember({ description }: ManagedPolicy): { Description?: string } {
  return description === undefined ? {} : { Description: description };
}
