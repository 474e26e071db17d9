// The process and its connections.
import { sortedKeys, toHex } from "../../../src/base/index.js";
import { GRANTERS } from "../../../src/market/index.js";
import { asDocument, type NODE_ROUTES, type PeerView, peerView, timeOf } from "../../contract/index.js";
import { type PeerView as Connected, NetworkRefusal } from "../../net/index.js";
import { type Answers, peerNumber } from "../answer.js";
import { within } from "../deadline.js";
import type { HostedPeer } from "../hosted.js";
import { asList, wholePage } from "../paging.js";
import { refusalProblem } from "../refusal.js";
import { readinessOf } from "../standing.js";

export const NODE_ANSWERS: Answers<typeof NODE_ROUTES> = {
  health: async () => asDocument("Health", { status: "ok" as const }),

  async readiness({ serving, reply }) {
    const first = serving.host.peer(0);
    const answer =
      first === null ? { ready: false, missing: ["peer 0"] } : readinessOf(first.standing().mode);
    reply.code(answer.ready ? 200 : 503);
    return asDocument("Readiness", answer);
  },

  async node({ peer, request, serving }) {
    const { node, around, state } = peer;
    const { ledger, electorate, tip, voter, agents } = state;
    const { params, network } = ledger;
    return asDocument("Node", {
      version: around.version,
      peerId: node.peerId,
      addresses: [...node.multiaddrs()],
      chain: toHex(network.chain),
      market: toHex(network.market),
      agent: around.defaultAgent === null ? null : toHex(around.defaultAgent),
      agents: sortedKeys(agents),
      seat: voter.seat,
      ...peer.standing(),
      height: tip.height,
      ledgerTime: timeOf(tip.timeMs),
      connections: node.connections().length,
      storage: node.persistent ? "persistent" : "in-memory",
      home: around.home,
      keys: around.keys,
      testnet: ledger.table(GRANTERS).size > 0,
      quorum: { members: electorate.size, byzantineTolerance: electorate.tolerance },
      timing: { commitMs: params.defaultCommitMs, revealMs: params.defaultRevealMs },
      fee: params.minFee.toString(),
      startedAt: timeOf(around.startedAtMs),
      pid: process.pid,
      peer: peerNumber(request),
      peerCount: serving.host.peerCount,
    });
  },

  async peers({ peer, serving }) {
    const page = wholePage(peer.node.connections().map((one) => connectedView(peer, one)));
    return asList("PeerList", peerView, page, (one) => one.peerId, serving.onUnshown);
  },

  async connect({ peer, body: { address }, request, reply, serving }) {
    const dialled = serving.idempotency.once(request, reply, peerNumber(request), () => dial(peer, address));
    const result = await within(serving.commandMs, dialled);
    if (!result.ok) throw refusalProblem(result.refusal);
    return asDocument("Peer", result.view);
  },

  async stop({ reply, serving }) {
    reply.raw.once("finish", () => serving.host.stop());
    reply.code(202);
    return asDocument("Stopping", { pid: process.pid });
  },
};

/** A peer is told of by where its connection goes to, and not by where it says that it listens. */
const connectedView = ({ around }: HostedPeer, one: Connected): PeerView => ({
  peerId: one.ref,
  address: one.remoteAddress,
  direction: one.direction,
  seat: one.seat,
  height: one.height,
  connectedAt: timeOf(around.nowMs() - one.connectedMs),
});

/** A refusal is a value, and so remembered under its Idempotency-Key. */
async function dial(peer: HostedPeer, address: string) {
  const refused = (code: string, why: string) =>
    ({ ok: false, refusal: { code, detail: { address, why } } }) as const;
  try {
    const ref = await peer.node.connect(address);
    const found = peer.node.connections().find((one) => one.ref === ref);
    if (found === undefined) return refused("UNREACHABLE", "it hung up at once");
    return { ok: true, view: connectedView(peer, found) } as const;
  } catch (error) {
    if (!(error instanceof NetworkRefusal)) throw error;
    return refused(error.code, error.message);
  }
}
