import type { AccessKey, IAMClient } from '@aws-sdk/client-iam';
import { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { withServer, type ServerSession } from '../server-session.ts';
import { collect, homeOption } from './options.ts';

const EXAMPLES = `
Examples:
  longshore user add ci --policy AmazonEC2ContainerRegistryPowerUser
  longshore user add anna --policy AmazonECS_FullAccess --policy CloudWatchLogsReadOnlyAccess
  longshore user add bob --policy arn:aws:iam::123456789012:policy/team >> ~/.aws/credentials`;

interface AddOptions {
  readonly home?: string;
  readonly policy?: readonly string[];
}

export function userCommand(): Command {
  const add = new Command('add')
    .description('Make an IAM user with an access key, and print the key as a profile of the AWS configuration, once.')
    .argument('<name>', "the user's name")
    .option(
      '--policy <policy>',
      "an AWS managed policy's name, or any policy's ARN; may be given often",
      collect<string>,
    )
    .addOption(homeOption())
    .addHelpText('after', EXAMPLES)
    .action((name: string, options: AddOptions) => withServer(options, (session) => addUser(session, name, options)));
  return new Command('user').description('IAM users: who may call the server.').addCommand(add);
}

async function addUser({ clients: { iam }, server }: ServerSession, name: string, options: AddOptions): Promise<void> {
  const sdk = await import('@aws-sdk/client-iam');
  const arns: string[] = [];
  for (const policy of options.policy ?? []) arns.push(await policyArn(iam, policy));
  await iam.send(new sdk.CreateUserCommand({ UserName: name }));
  const key = await giveAccess(iam, name, arns);
  process.stderr.write(
    arns.length > 0
      ? `${name} has ${arns.join(', ')}.\nThis is the only time that the secret is shown:\n`
      : `${name} may do nothing yet: attach a policy. This is the only time that the secret is shown:\n`,
  );
  process.stdout.write(
    `[${name}]\naws_access_key_id = ${key?.AccessKeyId}\naws_secret_access_key = ${key?.SecretAccessKey}\n` +
      `region = ${server.region}\nendpoint_url = ${server.endpoint}\n`,
  );
}

/** Policies and an access key. A user that cannot have them is removed again, so that the command can be repeated. */
async function giveAccess(iam: IAMClient, name: string, arns: readonly string[]): Promise<AccessKey | undefined> {
  const sdk = await import('@aws-sdk/client-iam');
  const attached: string[] = [];
  try {
    for (const PolicyArn of arns) {
      await iam.send(new sdk.AttachUserPolicyCommand({ UserName: name, PolicyArn }));
      attached.push(PolicyArn);
    }
    return (await iam.send(new sdk.CreateAccessKeyCommand({ UserName: name }))).AccessKey;
  } catch (error) {
    for (const PolicyArn of new Set(attached)) {
      await iam.send(new sdk.DetachUserPolicyCommand({ UserName: name, PolicyArn }));
    }
    await iam.send(new sdk.DeleteUserCommand({ UserName: name }));
    throw error;
  }
}

/** A name is looked for among AWS's policies and the account's own. @throws CliError when there is none */
async function policyArn(iam: IAMClient, policy: string): Promise<string> {
  const sdk = await import('@aws-sdk/client-iam');
  if (policy.startsWith('arn:')) {
    await iam.send(new sdk.GetPolicyCommand({ PolicyArn: policy }));
    return policy;
  }
  for await (const { Policies = [] } of sdk.paginateListPolicies({ client: iam }, {})) {
    const found = Policies.find((each) => each.PolicyName === policy)?.Arn;
    if (found !== undefined) return found;
  }
  throw new CliError(`there is no policy ${policy}`, { hint: 'aws iam list-policies shows those that there are' });
}
