import type { Policy } from '@aws-sdk/client-iam';
import { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { withServer, type ServerSession } from '../server-session.ts';
import { homeOption } from './options.ts';

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
    .option('--policy <policy>', "an AWS managed policy's name, or any policy's ARN; may be given often", collect)
    .addOption(homeOption())
    .addHelpText('after', EXAMPLES)
    .action((name: string, options: AddOptions) => withServer(options, (session) => addUser(session, name, options)));
  return new Command('user').description('IAM users: who may call the server.').addCommand(add);
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

async function addUser({ clients: { iam }, server }: ServerSession, name: string, options: AddOptions): Promise<void> {
  const sdk = await import('@aws-sdk/client-iam');
  const arns = [];
  for (const policy of options.policy ?? [])
    arns.push(await policyArn(policy, () => sdk.paginateListPolicies({ client: iam }, {})));
  try {
    await iam.send(new sdk.CreateUserCommand({ UserName: name }));
  } catch (error) {
    throw error instanceof Error ? new CliError(error.message, { cause: error }) : error;
  }
  for (const PolicyArn of arns) await iam.send(new sdk.AttachUserPolicyCommand({ UserName: name, PolicyArn }));
  const { AccessKey } = await iam.send(new sdk.CreateAccessKeyCommand({ UserName: name }));
  process.stderr.write(
    arns.length > 0
      ? `${name} has ${arns.join(', ')}.\nThis is the only time that the secret is shown:\n`
      : `${name} may do nothing yet: attach a policy. This is the only time that the secret is shown:\n`,
  );
  process.stdout.write(
    `[${name}]\naws_access_key_id = ${AccessKey?.AccessKeyId}\naws_secret_access_key = ${AccessKey?.SecretAccessKey}\n` +
      `region = ${server.region}\nendpoint_url = ${server.endpoint}\n`,
  );
}

/** A name is looked for among AWS's policies and the account's own. @throws CliError when there is none */
async function policyArn(
  policy: string,
  pages: () => AsyncIterable<{ readonly Policies?: readonly Policy[] | undefined }>,
): Promise<string> {
  if (policy.startsWith('arn:')) return policy;
  for await (const { Policies = [] } of pages()) {
    const found = Policies.find((each) => each.PolicyName === policy)?.Arn;
    if (found !== undefined) return found;
  }
  throw new CliError(`there is no policy ${policy}`, { hint: 'aws iam list-policies shows those that there are' });
}
