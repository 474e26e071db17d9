// Money: what an agent owns, what it paid and was paid, and how it moves.
import { Buffer } from "node:buffer";
import { type Bytes, toHex } from "../../../src/base/index.js";
import type { CommandResult } from "../../../src/peer/event.js";
import { asDocument, movementView, type Verdict, type WALLET_ROUTES } from "../../contract/index.js";
import {
  type Answers,
  actingAgent,
  agentNamed,
  bytesOf,
  feeOf,
  grant,
  granted,
  type Wish,
  wishFor,
} from "../answer.js";
import type { HostedPeer } from "../hosted.js";
import { asList } from "../paging.js";
import { problem } from "../problem.js";
import { refusalProblem } from "../refusal.js";
import { walletView } from "../views/ledger.js";
import { movementView as viewOfMovement } from "../views/own.js";

export const WALLET_ANSWERS: Answers<typeof WALLET_ROUTES> = {
  async wallet({ peer, query: { agent } }) {
    const id = agent === undefined ? actingAgent(peer, undefined) : agentNamed(peer, agent);
    const account = peer.state.ledger.accountOf(id);
    if (account === null) throw problem("AGENT_UNKNOWN", `the agent ${toHex(id)} has no account yet`);
    return asDocument("Wallet", walletView(peer.state, account));
  },

  async movements({ peer, query: { cursor = null, limit, agent }, serving }) {
    const found = await peer.node.movements(actingAgent(peer, agent), cursor, limit + 1);
    if (found === null) throw problem("CURSOR_GONE");
    const items = found.slice(0, limit).map(viewOfMovement);
    const page = { items, nextCursor: found.length > limit ? items.at(-1)!.id : null };
    return asList("MovementList", movementView, page, (one) => one.id, serving.onUnshown);
  },

  transfer: (ask) =>
    grant(ask, (peer) => {
      const { agent, to, amount, fee } = ask.body;
      const from = actingAgent(peer, agent);
      const payment = { to: bytesOf(to), amount: BigInt(amount), ...feeOf(fee) };
      const receipt = { action: "transfer", agent: toHex(from) } as const;
      return wishFor(peer, receipt, { kind: "transfer", from, ...payment });
    }),

  grant: (ask) =>
    grant(ask, (peer) => {
      const { agent, to, amount, stake, fee } = ask.body;
      const from = actingAgent(peer, agent);
      const endowment = { to: bytesOf(to), free: BigInt(amount), stake: BigInt(stake ?? 0), ...feeOf(fee) };
      return wishFor(peer, { action: "grant", agent: toHex(from) }, { kind: "grant", from, ...endowment });
    }),

  addStake: (ask) => grant(ask, (peer) => stakeWish(peer, "addStake", ask.body)),

  withdrawStake: (ask) => grant(ask, (peer) => stakeWish(peer, "withdrawStake", ask.body)),

  raiseFee: (ask) =>
    grant(ask, (peer) => {
      const { operation, fee } = ask.body;
      const command = { kind: "raiseFee", operation: bytesOf(operation), ...feeOf(fee) } as const;
      return wishFor(peer, { action: "raiseFee" }, command);
    }),

  async submit(ask) {
    const { operation, operations } = ask.body;
    if (operations === undefined) {
      const command = { kind: "submit", bytes: operationBytes(operation!) } as const;
      return grant(ask, (peer) => wishFor(peer, { action: "submit" }, command));
    }
    const command = { kind: "submitAll", operations: operations.map(operationBytes) } as const;
    const { each } = await granted(ask, (peer) => wishFor(peer, { action: "submit" }, command));
    return asDocument("Verdicts", { verdicts: each!.map(verdictOn) });
  },

  faucet: (ask) =>
    grant(ask, (peer) => {
      const to = actingAgent(peer, ask.body.to);
      const { faucet } = peer.around;
      const receipt = { action: "faucet", agent: toHex(to) } as const;
      if (faucet === null) return { receipt, run: async () => NO_FAUCET };
      const { amount, stake } = ask.body;
      const isUsual = amount === undefined && stake === undefined;
      const granted = isUsual ? faucet : { free: BigInt(amount ?? 0), stake: BigInt(stake ?? 0) };
      const command = {
        kind: "grant",
        from: faucet.granter,
        to,
        free: granted.free,
        stake: granted.stake,
      } as const;
      return wishFor(peer, receipt, command);
    }),
};

interface StakeBody {
  readonly agent?: string | undefined;
  readonly amount: string;
  readonly fee?: string | undefined;
}

function stakeWish(peer: HostedPeer, action: "addStake" | "withdrawStake", body: StakeBody): Wish {
  const from = actingAgent(peer, body.agent);
  const kind = action === "addStake" ? "bond" : "unbond";
  const command = { kind, from, amount: BigInt(body.amount), ...feeOf(body.fee) } as const;
  return wishFor(peer, { action, agent: toHex(from) }, command);
}

const operationBytes = (text: string): Bytes => Uint8Array.from(Buffer.from(text, "base64"));

const verdictOn = (result: CommandResult): Verdict =>
  result.ok
    ? {
        status: "accepted",
        operation: toHex(result.operation!),
        auction: result.auction && toHex(result.auction),
      }
    : { status: "refused", problem: refusalProblem(result.refusal).document };

const NO_FAUCET = { ok: false, refusal: { code: "FAUCET_UNAVAILABLE", detail: {} } } as const;
