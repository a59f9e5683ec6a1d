import { planeSuite } from '../plane-suite.ts';
import { tableOf } from '../testing.ts';
import { FakePlane } from './fake-plane.ts';

planeSuite('fake plane', async () => {
  const plane = new FakePlane();
  return {
    plane,
    table: tableOf(),
    async behave({ ip, port }, health) {
      plane.setHealth(
        ip,
        port,
        health === 'good'
          ? { state: 'healthy' }
          : {
              state: 'unhealthy',
              reason: 'Target.ResponseCodeMismatch',
              description: 'Health checks failed with these codes: [500]',
            },
      );
    },
    async [Symbol.asyncDispose]() {},
  };
});
