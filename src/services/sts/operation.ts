import { operationsOf } from '../../api/operation.ts';

export const operation = operationsOf<'sts'>();
