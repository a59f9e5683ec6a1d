import { seededIds } from '../../kernel/ids.ts';
import { objectStoreSuite } from '../suite.ts';
import { MemoryObjects } from './memory-objects.ts';

objectStoreSuite('MemoryObjects', async (clock) => ({
  objects: new MemoryObjects(clock, seededIds(1)),
  close: async () => {},
}));
