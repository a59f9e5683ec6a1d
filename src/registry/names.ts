const REPOSITORY_NAME = /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/;
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

/** ECR's rule for repository names: 2 to 256 characters. It is narrower than the distribution specification's. */
export function isRepositoryName(text: string): boolean {
  return text.length >= 2 && text.length <= 256 && REPOSITORY_NAME.test(text);
}

export function isTag(text: string): boolean {
  return TAG.test(text);
}
