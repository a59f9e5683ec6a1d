import type { RequestLaunchTemplateData } from '@aws-sdk/client-ec2';
import type { Scope } from '../../kernel/arn.ts';
import type { ReadTx } from '../../store/store.ts';
import { userDataOf } from './domain/launch-options.ts';
import { arnsOf, KINDS } from './domain/resource-kind.ts';
import { missingParameter } from './errors.ts';
import { templateResource } from './launch-template-lookup.ts';

/** As plain JSON; what it asks for is checked when it is launched. */
export function checkedData(data: RequestLaunchTemplateData | undefined): object {
  if (!data) throw missingParameter('LaunchTemplateData');
  userDataOf(data.UserData);
  return JSON.parse(JSON.stringify(data)) as object;
}

interface Named {
  readonly LaunchTemplateId?: string | undefined;
  readonly LaunchTemplateName?: string | undefined;
}

/** For authorization. */
export async function namedTemplate(input: Named, scope: Scope, tx: ReadTx): Promise<readonly string[]> {
  return arnsOf(KINDS.launchTemplate, scope, [(await templateResource(tx, scope, input)) || undefined]);
}
