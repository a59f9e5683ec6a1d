import { tooManyLabels, unfit } from '../errors.ts';

const MAX_LABELS = 10;
const MAX_LENGTH = 100;

type Labels = Readonly<Record<string, number>>;

/** Sorts a request's labels by the rules. @throws ValidationException for a label of no possible length */
export function sortLabels(labels: readonly string[]): { readonly valid: string[]; readonly invalid: string[] } {
  for (const label of labels) {
    if (label.length < 1 || label.length > MAX_LENGTH) {
      throw unfit(
        'labels',
        `[${label}]`,
        `Member must satisfy constraint: [Member must have length less than or equal to ${MAX_LENGTH}, Member must have length greater than or equal to 1]`,
      );
    }
  }
  return { valid: labels.filter(isValid), invalid: labels.filter((label) => !isValid(label)) };
}

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-labels.html */
function isValid(label: string): boolean {
  return /^[\w.-]+$/.test(label) && !/^(?:\d|aws|ssm)/i.test(label);
}

/** All labels once these are on this version; they leave the versions that had them. @throws ParameterVersionLabelLimitExceeded */
export function withLabels(labels: Labels, version: number, added: readonly string[]): Labels {
  const all = { ...labels, ...Object.fromEntries(added.map((label) => [label, version])) };
  if (Object.values(all).filter((each) => each === version).length > MAX_LABELS) throw tooManyLabels();
  return all;
}

/** The labels of one version. */
export function labelsOf({ labels }: { readonly labels: Labels }, version: number): readonly string[] {
  return Object.keys(labels).filter((label) => labels[label] === version);
}
