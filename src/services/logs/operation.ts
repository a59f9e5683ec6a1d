import { operationsOf } from '../../api/operation.ts';
import type { LogsPorts } from './ports.ts';

export const operation = operationsOf<'logs', LogsPorts>();
