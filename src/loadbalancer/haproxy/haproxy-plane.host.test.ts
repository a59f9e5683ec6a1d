import { planeSuite } from '../plane-suite.ts';
import { HostWorld, TARGETS } from './testing-world.ts';

planeSuite('haproxy plane', async () => {
  const world = new HostWorld();
  await world.serve(TARGETS[0]);
  return {
    plane: world.plane(),
    table: world.table(),
    async behave({ ip, port }, health) {
      await world.tell({ do: 'behave', ip, port, health: health === 'good' ? 200 : 500 });
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
});
