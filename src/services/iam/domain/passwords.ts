/** As UpdateAccountPasswordPolicy takes it: all of it, since what is left out goes back to its default. */
export interface PasswordPolicy {
  readonly MinimumPasswordLength?: number;
  readonly RequireSymbols?: boolean;
  readonly RequireNumbers?: boolean;
  readonly RequireUppercaseCharacters?: boolean;
  readonly RequireLowercaseCharacters?: boolean;
  readonly AllowUsersToChangePassword?: boolean;
  /** In days. */
  readonly MaxPasswordAge?: number;
  /** So many of a user's last passwords may not come back. */
  readonly PasswordReusePrevention?: number;
  readonly HardExpiry?: boolean;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html */
export const SHORTEST_OF_A_POLICY = 6;
const SHORTEST_OF_NO_POLICY = 8;
const DAY_MS = 24 * 60 * 60 * 1000;

const UPPERCASE = /[A-Z]/;
const LOWERCASE = /[a-z]/;
const NUMBER = /[0-9]/;
const SYMBOL = /[!@#$%^&*()_+\-=[\]{}|']/;

/** The first rule that a new password breaks, in words; undefined where it breaks none. */
export function brokenRule(password: string, policy: PasswordPolicy | undefined): string | undefined {
  if (!policy) return brokenByDefault(password);
  const shortest = policy.MinimumPasswordLength ?? SHORTEST_OF_A_POLICY;
  if (password.length < shortest) return `Password should have a minimum length of ${shortest}`;
  if (policy.RequireUppercaseCharacters && !UPPERCASE.test(password)) return needs('uppercase letter');
  if (policy.RequireLowercaseCharacters && !LOWERCASE.test(password)) return needs('lowercase letter');
  if (policy.RequireNumbers && !NUMBER.test(password)) return needs('number');
  if (policy.RequireSymbols && !SYMBOL.test(password))
    return needs(`symbol of ! @ # $ % ^ & * ( ) _ + - = [ ] { } | '`);
  return undefined;
}

/** When a password must be changed; undefined where passwords do not age. ms since the epoch. */
export function expiryOf(changedAtMs: number, policy: PasswordPolicy | undefined): number | undefined {
  return policy?.MaxPasswordAge === undefined ? undefined : changedAtMs + policy.MaxPasswordAge * DAY_MS;
}

function brokenByDefault(password: string): string | undefined {
  if (password.length < SHORTEST_OF_NO_POLICY) {
    return `Password should have a minimum length of ${SHORTEST_OF_NO_POLICY}`;
  }
  const kinds = [UPPERCASE, LOWERCASE, NUMBER, SYMBOL].filter((kind) => kind.test(password)).length;
  if (kinds >= 3) return undefined;
  return 'Password should have at least three of: uppercase letters, lowercase letters, numbers, symbols';
}

const needs = (what: string): string => `Password should have at least one ${what}`;
