import type { Tag } from '@aws-sdk/client-ec2';
import type { Tags } from '../../../kernel/tags.ts';

export function tagList(tags: Tags): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
