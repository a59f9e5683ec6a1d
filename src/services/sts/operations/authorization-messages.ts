import { refuse, textProblems } from '../domain/constraints.ts';
import { invalidAuthorizationMessage } from '../errors.ts';
import { operation } from '../operation.ts';

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html */
export const DecodeAuthorizationMessage = operation('DecodeAuthorizationMessage', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, { EncodedMessage = '' }) => {
    // AWS takes 10,240 characters; what this server encoded is always taken, however long.
    refuse(textProblems('encodedMessage', EncodedMessage, { min: 1, max: Infinity }));
    const DecodedMessage = ctx.ports.messages.open(EncodedMessage);
    if (DecodedMessage === undefined) throw invalidAuthorizationMessage();
    return { DecodedMessage };
  },
});
