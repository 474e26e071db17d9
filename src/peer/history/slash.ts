// Slashes: each penalty that was charged, with the numbers it was computed from, and where it was taken from.
import { amount, type Hash, hash, struct, type TypeOf, toHex, uint, union } from "../../base/index.js";
import { type AgentId, agentId, BASIS_POINTS, MAX_REPEAT } from "../../ledger/index.js";
import { type Charged, penalty, slashIdOf, slashRow, taking } from "../../market/index.js";
import { type Executed, historyKind } from "./kind.js";

const ofSeat = struct({
  slash: [0, slashRow],
  /** what was left of the seat's bond */
  base: [1, amount],
  penaltyBp: [2, uint(BASIS_POINTS)],
  severity: [3, uint()],
  repeat: [4, uint(MAX_REPEAT, 1)],
  taking: [5, taking],
});

const ofTrade = struct({
  trade: [0, hash],
  auction: [1, hash],
  /** its performer */
  agent: [2, agentId],
  /** height and ledger time of the entry that ended the trade */
  height: [3, uint()],
  timeMs: [4, uint()],
  penalty: [5, penalty],
  taking: [6, taking],
});

/** By what was broken: `seat`, the log's rules; `trade`, a promise to deliver. One that took nothing is told too. */
export const keptSlash = union({ seat: [0, ofSeat], trade: [1, ofTrade] });
export type KeptSlash = TypeOf<typeof keptSlash>;

/** A fault is punished once, and a trade ends once: either names its penalty, and their hashes have different tags. */
const idOf = (one: KeptSlash): Hash => (one.kind === "seat" ? slashIdOf(one.slash) : one.trade);

const agentOf = (one: KeptSlash): AgentId => (one.kind === "seat" ? one.slash.agent : one.agent);

export const KEPT_SLASHES = historyKind<KeptSlash>(
  keptSlash,
  ({ header, outcome }) => outcome.charged.map((one) => keptOf(one, header)),
  (one) => [`id/${toHex(idOf(one))}`, `agent/${toHex(agentOf(one))}`],
);

function keptOf(charged: Charged, { height, timeMs }: Executed["header"]): KeptSlash {
  if (charged.kind === "seat") return charged;
  const { trade, taking } = charged;
  const { id, auction, performer: agent, state } = trade;
  return { kind: "trade", trade: id, auction, agent, height, timeMs, penalty: state.penalty!, taking };
}
