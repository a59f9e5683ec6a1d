const SHORTEST = 3;
const LONGEST = 128;

/**
 * What is wrong with a trail's name, in AWS's words; undefined for nothing.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html
 */
export function trailNameProblem(name: string): string | undefined {
  if (name.length < SHORTEST) {
    return `Trail name too short. Minimum allowed length: ${SHORTEST} characters. Specified name length: ${name.length} characters.`;
  }
  if (name.length > LONGEST) {
    return `Trail name too long. Maximum allowed length: ${LONGEST} characters. Specified name length: ${name.length} characters.`;
  }
  if (!/^[A-Za-z0-9._-]+$/.test(name)) {
    return 'Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_).';
  }
  if (!/^[A-Za-z0-9]/.test(name)) return 'Trail name must starts with a letter or number.';
  if (!/[A-Za-z0-9]$/.test(name)) return 'Trail name must ends with a letter or number.';
  if (/[._-]{2}/.test(name)) return 'Trail name must not have adjacent periods, hyphens or underscores.';
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(name)) return 'Trail name must not be in IP address format.';
  return undefined;
}
