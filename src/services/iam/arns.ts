import { formatArn } from '../../kernel/arn.ts';

type Named = { readonly account: string; readonly name: string; readonly path: string };

function entityArn(kind: string, { account, name, path }: Named): string {
  return formatArn('iam', { account }, `${kind}${path}${name}`);
}

export const userArn = (row: Named): string => entityArn('user', row);
export const groupArn = (row: Named): string => entityArn('group', row);
export const roleArn = (row: Named): string => entityArn('role', row);
export const policyArn = (row: Named): string => entityArn('policy', row);
export const instanceProfileArn = (row: Named): string => entityArn('instance-profile', row);
export const oidcProviderArn = (account: string, url: string): string =>
  formatArn('iam', { account }, `oidc-provider/${url}`);
