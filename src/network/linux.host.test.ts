import { TestHost } from './linux/testing.ts';
import { networkSuite } from './suite.ts';

networkSuite('linux', async () => {
  const host = new TestHost({
    instanceId: '7e570001',
    transitCidr: '198.19.200.0/26',
    publicCidr: '198.18.200.0/26',
    dnsPort: 35_053,
    metadataPort: 35_080,
  });
  // What a killed run left.
  await host.network.removeAll();
  return {
    network: host.network,
    restart: () => host.restart(),
    startProcess: () => host.startProcess(),
    endProcess: (pid) => host.endProcess(pid),
    addressOf: (pid) => host.addressOf(pid),
    close: () => host.close(),
  };
});
