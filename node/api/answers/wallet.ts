// Money: what an agent owns, what it paid and was paid, and how it moves.
import { Buffer } from "node:buffer";
import { toHex } from "../../../src/base/index.js";
import { asDocument, movementView, type WALLET_ROUTES } from "../../contract/index.js";
import { type Answers, actingAgent, agentNamed, bytesOf, feeOf, grant, wishFor } from "../answer.js";
import { asList } from "../paging.js";
import { problem } from "../problem.js";

export const WALLET_ANSWERS: Answers<typeof WALLET_ROUTES> = {
  async wallet({ peer, query: { agent } }) {
    const id = await (agent === undefined ? actingAgent(peer, undefined) : agentNamed(peer, agent));
    const wallet = await peer.wallet(id);
    if (wallet === null) throw problem("AGENT_UNKNOWN", `the agent ${toHex(id)} has no account yet`);
    return asDocument("Wallet", wallet);
  },

  async movements({ peer, query: { cursor = null, limit, agent }, serving }) {
    const page = await peer.movements(await actingAgent(peer, agent), { cursor, limit });
    return asList("MovementList", movementView, page, (one) => one.id, serving.onUnshown);
  },

  transfer: (ask) =>
    grant(ask, async (peer) => {
      const { agent, to, amount, fee } = ask.body;
      const from = await actingAgent(peer, agent);
      const payment = { to: bytesOf(to), amount: BigInt(amount), ...feeOf(fee) };
      const receipt = { action: "transfer", agent: toHex(from) } as const;
      return wishFor(peer, receipt, { kind: "transfer", from, ...payment });
    }),

  raiseFee: (ask) =>
    grant(ask, async (peer) => {
      const { operation, fee } = ask.body;
      const command = { kind: "raiseFee", operation: bytesOf(operation), ...feeOf(fee) } as const;
      return wishFor(peer, { action: "raiseFee" }, command);
    }),

  submit: (ask) =>
    grant(ask, async (peer) => {
      const bytes = Uint8Array.from(Buffer.from(ask.body.operation, "base64"));
      return wishFor(peer, { action: "submit" }, { kind: "submit", bytes });
    }),

  faucet: (ask) =>
    grant(ask, async (peer) => {
      const to = await actingAgent(peer, ask.body.to);
      const amount = ask.body.amount === undefined ? null : BigInt(ask.body.amount);
      return { receipt: { action: "faucet", agent: toHex(to) }, run: () => peer.faucet(to, amount) };
    }),
};
