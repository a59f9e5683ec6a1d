import { createdBy } from '../condition-keys.ts';
import { invalidInput, tooManyAttributes } from '../errors.ts';
import { serviceOf } from '../lookup.ts';
import { operation, serviceArn } from '../operation.ts';
import { services } from '../tables.ts';

const MAX_ATTRIBUTES = 30;
const MAX_KEY = 255;
const MAX_VALUE = 1024;

export const GetServiceAttributes = operation('GetServiceAttributes', {
  resources: (input, scope) => [serviceArn(scope, input.ServiceId)],
  readOnly: true,
  handle: async (ctx, input) => {
    const row = await ctx.read((tx) => serviceOf(tx, ctx, input.ServiceId));
    return {
      ServiceAttributes: { ServiceArn: row.arn, ResourceOwner: row.account, Attributes: { ...row.attributes } },
    };
  },
});

/** Attributes that are not named stay. https://docs.aws.amazon.com/cloud-map/latest/api/API_UpdateServiceAttributes.html */
export const UpdateServiceAttributes = operation('UpdateServiceAttributes', {
  resources: (input, scope) => [serviceArn(scope, input.ServiceId)],
  conditions: (_, scope) => createdBy(scope),
  handle: async (ctx, input) => {
    const added = input.Attributes ?? {};
    for (const [key, value] of Object.entries(added)) {
      if (key === '' || key.length > MAX_KEY) throw invalidInput(`The attribute key '${key}' is not valid.`);
      if (value.length > MAX_VALUE) throw invalidInput(`The value of attribute '${key}' is not valid.`);
    }
    await ctx.write(async (tx) => {
      const row = await serviceOf(tx, ctx, input.ServiceId);
      const attributes = { ...row.attributes, ...added };
      if (Object.keys(attributes).length > MAX_ATTRIBUTES) throw tooManyAttributes(MAX_ATTRIBUTES);
      await tx.put(services, { ...row, attributes });
    });
    return {};
  },
});

export const DeleteServiceAttributes = operation('DeleteServiceAttributes', {
  resources: (input, scope) => [serviceArn(scope, input.ServiceId)],
  conditions: (_, scope) => createdBy(scope),
  handle: async (ctx, input) => {
    const removed = new Set(input.Attributes);
    await ctx.write(async (tx) => {
      const row = await serviceOf(tx, ctx, input.ServiceId);
      const attributes = Object.fromEntries(Object.entries(row.attributes).filter(([key]) => !removed.has(key)));
      await tx.put(services, { ...row, attributes });
    });
    return {};
  },
});
