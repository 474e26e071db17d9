// Gossip of bids by our networks: every peer decodes, checks, hashes and verifies every bid before it passes it on.
import { agentKey } from "../../../node/crypto/signer.js";
import { SignatureVerifier } from "../../../node/crypto/verifier.js";
import { LOOPBACK_LIMITS, Network, type NetworkHandlers } from "../../../node/net/index.js";
import type { Bytes } from "../../../src/base/index.js";
import { encodeGenesis, type Genesis, type Ledger, networkOf } from "../../../src/ledger/index.js";
import { createLedger, encodeOperation, judgeAdmission, signOperation } from "../../../src/market/index.js";
import { electorateOf } from "../../../src/peer/index.js";
import { encodeMessage } from "../../../src/quorum/index.js";
import { testnetGenesis } from "../../genesis.js";
import { type PlannedPeer, planTestnet, type TestnetPlan } from "../../plan.js";
import { bidBody } from "../bids.js";
import { GOSSIP_PEERS, Load, ringOfDials } from "../gossip-load.js";
import { until } from "../until.js";

const MESH_AT_LEAST = 3;
/** Bidders, and the bids of each: nobody is near the rate that one author may send at. */
const BIDDERS = 128;
const BIDS_EACH = 16;

export async function open() {
  const plan = planTestnet({ peers: GOSSIP_PEERS, quorum: 1, agents: BIDDERS, seed: 2 });
  const genesis = testnetGenesis(plan, Date.now());
  const bids = signedBids(plan, genesis);
  let delivered = 0;
  const ledger = createLedger(genesis);
  // A verifier each: in life, peers do not share their memory of verdicts.
  const verifiers = plan.peerPlans.map(() => new SignatureVerifier());
  const networks: Network[] = [];
  for (const [place, planned] of plan.peerPlans.entries()) {
    const handlers = handlersOf(genesis, ledger, () => {
      delivered++;
    });
    networks.push(await startNetwork(planned, genesis, handlers, verifiers[place]!));
  }
  for (const { from, to } of ringOfDials()) await networks[from]!.dial(networks[to]!.multiaddrs()[0]!);
  await until("every mesh has formed", () =>
    networks.every((network) => network.meshSize("ops") >= MESH_AT_LEAST),
  );
  const load = new Load({
    publish: (from, ordinal) => networks[from]!.publish("ops", bids[ordinal]!),
    delivered: () => delivered,
  });
  return {
    jobs: {
      /** The length of a bid on the wire. */
      bidBytes: async (_: null): Promise<number> => bids[0]!.length,
      run: (input: { readonly messages: number; readonly atOnce: number }): Promise<number> =>
        load.run(input.messages, input.atOnce),
    },
    async close() {
      await Promise.all(networks.map((network) => network.stop()));
      await Promise.all(verifiers.map((verifier) => verifier.close()));
    },
  };
}

/** Bids of all bidders in turn. */
function signedBids(plan: TestnetPlan, genesis: Genesis): readonly Bytes[] {
  const network = networkOf(genesis);
  const validUntilMs = Date.now() + 600_000;
  const bidders = plan.agentPlans
    .filter(({ role }) => role !== "guest")
    .map(({ keySeed }) => agentKey(keySeed));
  return Array.from({ length: BIDDERS * BIDS_EACH }, (_, i) => {
    const nonce = Math.floor(i / BIDDERS);
    return encodeOperation(
      signOperation(network, { nonce, fee: 1000n, validUntilMs }, bidBody(i), bidders[i % BIDDERS]!),
    );
  });
}

function startNetwork(
  planned: PlannedPeer,
  genesis: Genesis,
  handlers: NetworkHandlers,
  verifier: SignatureVerifier,
): Promise<Network> {
  return Network.start({
    peerKey: planned.peerSeed,
    listen: ["/ip4/127.0.0.1/tcp/0"],
    join: [],
    ...networkOf(genesis),
    loopback: true,
    maxValidityMs: genesis.params.maxValidityMs,
    // Nobody has a seat: only gossip is measured. The links are those of the plan, and no others.
    role: { consensusSigner: null, electorate: electorateOf(genesis) },
    maxConnections: GOSSIP_PEERS,
    limits: { ...LOOPBACK_LIMITS, targetConnections: 0 },
    log: { debug: () => undefined, warn: () => undefined },
    verifier,
    handlers,
    wallMs: Date.now,
  });
}

/** A peer that judges by a real ledger, and only counts what it is given. */
const handlersOf = (genesis: Genesis, ledger: Ledger, onBid: () => void): NetworkHandlers => ({
  onMessage() {},
  onOperation(_operation, _bytes, _from, settle) {
    onBid();
    settle("kept");
  },
  onFinal: () => true,
  judgeOperation(operation) {
    const admission = judgeAdmission(ledger, operation, Date.now());
    if (admission.kind === "accept") return admission;
    return { kind: "later", code: admission.rejection.code, grounded: true };
  },
  judgeFinal: () => "ignore",
  judgeEvidence: () => "ignore",
  onConnected() {},
  onDisconnected() {},
  serveLog: async () => encodeMessage({ kind: "log", entries: [], descendants: [], cert: null }),
  onLogPruned: () => undefined,
  snapshot: async () => null,
  snapshotRows: async () => null,
  faucet: null,
  genesis: () => encodeGenesis(genesis),
  height: () => 0,
  finalProof: () => null,
});
