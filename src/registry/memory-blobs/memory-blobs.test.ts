import { FakeClock } from '../../kernel/clock.ts';
import { blobStoreSuite } from '../suite.ts';
import { MemoryBlobs } from './memory-blobs.ts';

blobStoreSuite('MemoryBlobs', async () => ({ blobs: new MemoryBlobs(new FakeClock()), close: async () => {} }));
