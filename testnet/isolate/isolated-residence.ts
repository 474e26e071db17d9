// A testnet of one process per peer that stays in a folder: founded or resumed there, and written down as it comes to be.
import { Accident } from "../../node/accident.js";
import { removeApiFile, writeApiFile } from "../../node/config/api-file.js";
import { pathsOf } from "../../node/config/paths.js";
import { type Hash, toHex } from "../../src/base/index.js";
import { encodeGenesis, networkOf } from "../../src/ledger/index.js";
import { PEOPLES_PARAMS, testnetGenesis } from "../genesis.js";
import { type Manifest, type TestnetPaths, writeManifest } from "../home.js";
import { planTestnet, type TestnetPlan } from "../plan.js";
import { ProcessNetwork, type ProcessNetworkOptions } from "./process-network.js";

export interface IsolatedOptions extends Pick<ProcessNetworkOptions, "onStep" | "onWord" | "onLoss"> {
  readonly paths: TestnetPaths;
  readonly manifest: Manifest;
  /** host:port of the first peer's API; null: anywhere */
  readonly api: string | null;
  readonly onWarning: (text: string) => void;
}

export interface IsolatedResidence {
  readonly plan: TestnetPlan;
  readonly chain: Hash;
  readonly network: ProcessNetwork;
  /** the height at which it went on; null: it is new */
  readonly resumedAt: number | null;
  close(): Promise<void>;
}

/** @throws Accident for everything that keeps it from starting; nothing is left running then */
export async function openIsolated(options: IsolatedOptions): Promise<IsolatedResidence> {
  const { paths, manifest } = options;
  const plan = planTestnet(manifest);
  const genesis = testnetGenesis(plan, manifest.genesisMs, PEOPLES_PARAMS);
  await writeManifest(paths, manifest);
  const network = await started(options, plan, encodeGenesis(genesis));
  try {
    const { height } = await network.node(0);
    await announce(paths, plan, network);
    return {
      plan,
      chain: networkOf(genesis).chain,
      network,
      resumedAt: manifest.begun ? height : null,
      async close() {
        await removeApiFile(paths.apiFile, process.pid);
        await network.stop();
      },
    };
  } catch (error) {
    await network.stop();
    throw error;
  }
}

/** Starts the peers where they listened before; if another program listens there now, anywhere. */
async function started(
  { paths, manifest, api, onWarning, ...told }: IsolatedOptions,
  plan: TestnetPlan,
  genesis: Uint8Array,
): Promise<ProcessNetwork> {
  const start = (listen: readonly string[]): Promise<ProcessNetwork> =>
    ProcessNetwork.start({
      ...told,
      plan,
      genesis,
      home: paths.home,
      listen,
      fresh: !manifest.begun,
      ...(api === null ? {} : { api }),
      // From the first start on a seat may have signed: an empty store is then a loss.
      onLaid: (listening) => writeManifest(paths, { ...manifest, begun: true, listen: [...listening] }),
    });
  return start(manifest.listen).catch((error: unknown) => {
    const isTaken = error instanceof Accident && error.code === "PORT_TAKEN";
    if (manifest.listen.length === 0 || !isTaken) throw error;
    onWarning(
      "a port of an earlier run is taken: the peers listen elsewhere now, and joined daemons must be told",
    );
    return start([]);
  });
}

/** Programs on this machine find every peer by the testnet's folder; its own file tells where it is now. */
const announce = async (paths: TestnetPaths, plan: TestnetPlan, network: ProcessNetwork): Promise<void> => {
  const { api, tokenFile } = network.at(0).places!;
  await writeApiFile(paths.apiFile, {
    url: api,
    tokenFile,
    pid: process.pid,
    peers: plan.peerPlans.map(({ name }, place) => {
      const guest = plan.agentPlans.find(({ role, peer }) => role === "guest" && peer === place)!;
      return {
        name,
        agent: toHex(guest.key.publicKey),
        agentName: guest.name,
        addresses: [...network.at(place).places!.addresses],
        apiFile: pathsOf(paths.peer(name)).apiFile,
      };
    }),
  });
};
