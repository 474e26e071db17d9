// A testnet that stays in a folder: founded or resumed there, served, and written down as it comes to be.
import { Accident } from "../node/accident.js";
import type { Log } from "../node/log.js";
import { PEOPLES_PARAMS } from "./genesis.js";
import { type Manifest, type TestnetPaths, writeManifest } from "./home.js";
import { type Endpoint, type ServedTestnet, serveTestnet } from "./server.js";
import { type OnStep, step } from "./steps.js";
import { createTestnet, type Testnet } from "./testnet.js";

export interface ResidenceOptions {
  readonly paths: TestnetPaths;
  readonly manifest: Manifest;
  readonly inMemory: boolean;
  /** where the API shall listen; null: where it did, or anywhere */
  readonly api: Endpoint | null;
  readonly log: Log;
  readonly onStep: OnStep;
  /** told what did not go as it was asked, and how it went instead */
  readonly onWarning: (text: string) => void;
  /** told when a program asks for the orderly end */
  readonly onStop: () => void;
}

export interface Residence {
  readonly testnet: Testnet;
  readonly served: ServedTestnet;
  /** the height at which it went on; null: it is new */
  readonly resumedAt: number | null;
  close(): Promise<void>;
}

const ANYWHERE: Endpoint = { host: "127.0.0.1", port: 0 };

/** @throws Accident for everything that keeps it from starting; nothing is left running then */
export async function openResidence(options: ResidenceOptions): Promise<Residence> {
  const { manifest, paths, inMemory, onStep } = options;
  const keep = async (content: Manifest): Promise<void> => {
    if (!inMemory) await writeManifest(paths, content);
  };
  await keep(manifest);
  const { testnet, resumedAt } = await resume(options);
  try {
    const begun = { ...manifest, begun: true, listen: [...testnet.listenAddresses()] };
    await keep(begun);
    const served = await step(
      onStep,
      () => serve(options, testnet),
      ({ url }) => `the API listens at ${url}`,
    );
    await keep({ ...begun, api: `127.0.0.1:${served.port}` });
    return {
      testnet,
      served,
      resumedAt,
      async close() {
        await served.close();
        await testnet.stop();
      },
    };
  } catch (error) {
    await testnet.stop();
    throw error;
  }
}

/** Starts the peers where they listened before; if another program listens there now, anywhere. */
async function resume(
  options: ResidenceOptions,
): Promise<{ readonly testnet: Testnet; readonly resumedAt: number | null }> {
  const { manifest, paths, inMemory, log, onStep, onWarning } = options;
  let height = 0;
  const start = (listen: readonly string[]): Promise<Testnet> =>
    createTestnet({
      peers: manifest.peers,
      quorum: manifest.quorum,
      agents: manifest.agents,
      seed: manifest.seed,
      genesisMs: manifest.genesisMs,
      params: PEOPLES_PARAMS,
      home: inMemory ? null : paths.home,
      listen,
      fresh: !manifest.begun,
      log,
      onStep,
      onPeer: (_place, { peer }) => {
        height = Math.max(height, peer.tip.height);
      },
    });
  const testnet = await start(manifest.listen).catch((error: unknown) => {
    if (manifest.listen.length === 0 || !isPortTaken(error)) throw error;
    onWarning(
      "a port of an earlier run is taken: the peers listen elsewhere now, and joined daemons must be told",
    );
    return start([]);
  });
  return { testnet, resumedAt: manifest.begun ? height : null };
}

const isPortTaken = (error: unknown): boolean => error instanceof Accident && error.code === "PORT_TAKEN";

async function serve(options: ResidenceOptions, testnet: Testnet): Promise<ServedTestnet> {
  const { paths, manifest, inMemory, api, log, onStop, onWarning } = options;
  const at = (listen: Endpoint): Promise<ServedTestnet> =>
    serveTestnet({ testnet, paths, inMemory, listen, log, onStop });
  const before = manifest.api === null ? null : endpointOf(manifest.api);
  if (api !== null || before === null) return at(api ?? ANYWHERE);
  return at(before).catch((error: unknown) => {
    if (!isPortTaken(error)) throw error;
    onWarning(`the API's port of an earlier run, ${before.port}, is taken: it listens elsewhere now`);
    return at(ANYWHERE);
  });
}

/** `host:port`, `[::1]:port`; null: neither. */
export function endpointOf(text: string): Endpoint | null {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  return match === null || port > 65535 ? null : { host: match[1] ?? match[2]!, port };
}
