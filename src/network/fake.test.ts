import { FakeNetwork } from './fake/fake-network.ts';
import { networkSuite } from './suite.ts';

networkSuite('fake', async () => {
  const processes = new Set<number>();
  const options = { processExists: (pid: number) => processes.has(pid) };
  const network = new FakeNetwork(options);
  return {
    network,
    restart: () => new FakeNetwork(options, network),
    async startProcess() {
      const pid = 1000 + processes.size;
      processes.add(pid);
      return pid;
    },
    async endProcess(pid) {
      processes.delete(pid);
    },
    addressOf: async (pid) => network.addressOf(pid),
    close: async () => {},
  };
});
