import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { CreateClusterCommand, DescribeClustersCommand, ECSClient } from '@aws-sdk/client-ecs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Longshore } from '../test/harness/longshore.ts';
import { startBareServer } from './bare-server.ts';
import { requestsPerSecond } from './http-load.ts';
import { alternate } from './measure.ts';
import { printTable } from './report.ts';
import { startServer } from './server.ts';
import { signedRequest } from './signed-request.ts';

const FOR_MS = 1000;
const ROUNDS = { warmUps: 1, rounds: 5 };
const LOG_STREAM = { logGroupName: 'bench', logStreamName: 'bench' };

/** API calls a second, each with its signature verified, against a server that does nothing but answer. */
export async function requests(cleanup: AsyncDisposableStack): Promise<void> {
  const barePort = await startBareServer(cleanup);
  const server = await startServer(cleanup);
  const signed = await signedRequests(server);
  for (const connections of [1, 16]) {
    const load = (port: number, request: Buffer) => () =>
      requestsPerSecond({ connect: () => connect({ port, host: '127.0.0.1' }), request, connections, forMs: FOR_MS });
    const measured = await alternate(ROUNDS, {
      bare: load(barePort, signed.describeClusters),
      getCallerIdentity: load(server.port, signed.getCallerIdentity),
      describeClusters: load(server.port, signed.describeClusters),
      putLogEvents: load(server.port, signed.putLogEvents),
      fsync: async () => syncsPerSecond(server.home),
    });
    printTable(`${connections} connection${connections === 1 ? '' : 's'}`, 'requests a second', [
      { what: 'bare Node server', samples: measured.bare },
      { what: 'sts:GetCallerIdentity', samples: measured.getCallerIdentity, against: measured.bare },
      { what: 'ecs:DescribeClusters', samples: measured.describeClusters, against: measured.bare },
      { what: 'one append and fsync on this disk', samples: measured.fsync },
      { what: 'logs:PutLogEvents (durable when answered)', samples: measured.putLogEvents, against: measured.fsync },
    ]);
  }
}

async function signedRequests(server: Longshore): Promise<Record<RequestName, Buffer>> {
  const clients = await server.clients();
  await clients.ecs.send(new CreateClusterCommand({ clusterName: 'bench' }));
  await clients.logs.send(new CreateLogGroupCommand({ logGroupName: LOG_STREAM.logGroupName }));
  await clients.logs.send(new CreateLogStreamCommand(LOG_STREAM));
  const config = { endpoint: server.endpoint, region: 'us-east-1', credentials: await server.credentials() };
  const logEvents = [{ timestamp: Date.now(), message: 'x'.repeat(200) }];
  return {
    getCallerIdentity: await signedRequest((requestHandler) =>
      new STSClient({ ...config, requestHandler, maxAttempts: 1 }).send(new GetCallerIdentityCommand()),
    ),
    describeClusters: await signedRequest((requestHandler) =>
      new ECSClient({ ...config, requestHandler, maxAttempts: 1 }).send(
        new DescribeClustersCommand({ clusters: ['bench'] }),
      ),
    ),
    putLogEvents: await signedRequest((requestHandler) =>
      new CloudWatchLogsClient({ ...config, requestHandler, maxAttempts: 1 }).send(
        new PutLogEventsCommand({ ...LOG_STREAM, logEvents }),
      ),
    ),
  };
}

type RequestName = 'getCallerIdentity' | 'describeClusters' | 'putLogEvents';

/** The floor of a durable write, one after another. */
function syncsPerSecond(folder: string): number {
  const file = openSync(join(folder, 'bench-sync'), 'a');
  try {
    const beganAt = performance.now();
    let count = 0;
    for (; performance.now() < beganAt + FOR_MS / 4; count++) {
      writeSync(file, 'x'.repeat(4096));
      fsyncSync(file);
    }
    return count / ((performance.now() - beganAt) / 1000);
  } finally {
    closeSync(file);
  }
}
