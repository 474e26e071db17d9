// The process and its connections.
import { asDocument, type NODE_ROUTES, peerView } from "../../contract/index.js";
import { type Answers, peerNumber } from "../answer.js";
import { within } from "../deadline.js";
import { asList, wholePage } from "../paging.js";
import { refusalProblem } from "../refusal.js";

export const NODE_ANSWERS: Answers<typeof NODE_ROUTES> = {
  health: async () => asDocument("Health", { status: "ok" as const }),

  async readiness({ serving, reply }) {
    const state = await serving.host.peer(0)?.readiness();
    const answer = state ?? { ready: false, missing: ["peer 0"] };
    reply.code(answer.ready ? 200 : 503);
    return asDocument("Readiness", answer);
  },

  async node({ peer, request, serving }) {
    const place = { peer: peerNumber(request), peerCount: serving.host.peerCount };
    return asDocument("Node", { ...(await peer.node()), ...place });
  },

  async peers({ peer, serving }) {
    const page = wholePage(await peer.peers());
    return asList("PeerList", peerView, page, (one) => one.peerId, serving.onUnshown);
  },

  async connect({ peer, body, request, reply, serving }) {
    const dialled = serving.idempotency.once(request, reply, peerNumber(request), () =>
      peer.connect(body.address),
    );
    const result = await within(serving.commandMs, dialled);
    if (!result.ok) throw refusalProblem(result.refusal);
    return asDocument("Peer", result.peer);
  },

  async stop({ reply, serving }) {
    reply.raw.once("finish", () => serving.host.stop());
    reply.code(202);
    return asDocument("Stopping", { pid: process.pid });
  },
};
