import { randomPassword } from '../domain/random-password.ts';
import { operation } from '../operation.ts';

export const GetRandomPassword = operation('GetRandomPassword', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => ({ RandomPassword: randomPassword(input, ctx.ids) }),
});
