// Goods of trades: taken in as bytes, handed out as bytes, and how far they have come.
import type { Readable } from "node:stream";
import { equalBytes, toHex } from "../../../src/base/index.js";
import { PARTS, type Part } from "../../../src/handover/index.js";
import type { Trade } from "../../../src/market/index.js";
import { asDocument, type HANDOVER_ROUTES, type ProblemCode } from "../../contract/index.js";
import { deliveredHash } from "../../handover/parties.js";
import type { Progress } from "../../handover/progress.js";
import { GoodsRefusal } from "../../handover/shelf.js";
import type { Answers, Ask } from "../answer.js";
import { sendGoods } from "../goods.js";
import { type Problem, problem } from "../problem.js";
import { anyTrade } from "./trade.js";

type Giving = (typeof HANDOVER_ROUTES)["giveInput" | "giveOutput"];
type Taking = (typeof HANDOVER_ROUTES)["takeInput" | "takeOutput"];

export const HANDOVER_ANSWERS: Answers<typeof HANDOVER_ROUTES> = {
  giveInput: (ask) => give(ask, "input"),
  giveOutput: (ask) => give(ask, "output"),
  takeInput: (ask) => take(ask, "input"),
  takeOutput: (ask) => take(ask, "output"),

  async handover({ peer, params }) {
    const trade = await anyTrade(peer, params.id);
    const all = await Promise.all(PARTS.map((part) => peer.node.handover.progressOf(trade, part)));
    const parts = all.filter((one) => one !== null).map(progressView);
    return asDocument("Handover", { trade: toHex(trade.id), parts });
  },
};

const progressView = (progress: Progress) => ({
  ...progress,
  hash: progress.hash === null ? null : toHex(progress.hash),
});

/** @throws Problem GOODS_CLOSED, GOODS_GIVEN, NOT_A_PARTY, and for a disk that is full or goods that are too large */
async function give({ peer, params, query, request }: Ask<Giving>, part: Part) {
  const { handover } = peer.node;
  const trade = await anyTrade(peer, params.id);
  const progress = await handover.progressOf(trade, part);
  if (progress === null || progress.side === "taker")
    throw problem("NOT_A_PARTY", `no agent of this daemon gives the ${part} of this trade`);
  if (trade.state.kind !== "due") throw problem("GOODS_CLOSED");
  if (handover.isFixed(trade, part)) throw problem("GOODS_GIVEN");
  const { media } = query;
  try {
    const { hash, size } = await handover.give(trade, part, media, request.body as Readable);
    return asDocument("Goods", { trade: toHex(trade.id), part, hash: toHex(hash), size, media });
  } catch (error) {
    if (error instanceof GoodsRefusal) throw problem(error.code);
    if (request.raw.destroyed || !request.raw.complete) throw problem("GOODS_CUT_SHORT");
    throw error;
  }
}

/** @throws Problem NOT_A_PARTY, GOODS_UNKNOWN, GOODS_INCOMPLETE, GOODS_UNPROVEN */
async function take({ peer, params, request, reply }: Ask<Taking>, part: Part): Promise<undefined> {
  const { handover } = peer.node;
  const trade = await anyTrade(peer, params.id);
  const progress = await handover.progressOf(trade, part);
  if (progress === null) throw problem("NOT_A_PARTY");
  const goods = await handover.goodsOf(trade, part);
  if (goods === null || progress.state !== "here") throw notHere(progress);
  const isProven = part === "input" || progress.side === "giver" || isDelivered(trade, goods.hash);
  if (!isProven) throw problem("GOODS_UNPROVEN");
  await sendGoods(request, reply, goods);
  return undefined;
}

function isDelivered(trade: Trade, hash: Uint8Array): boolean {
  const said = deliveredHash(trade);
  return said !== null && equalBytes(said, hash);
}

function notHere({ received, total, trouble }: Progress): Problem {
  const code: ProblemCode = total === null ? "GOODS_UNKNOWN" : "GOODS_INCOMPLETE";
  const met = trouble === null ? "" : `; it met ${trouble}, and is tried again`;
  const detail =
    total === null ? `nothing is offered so far${met}` : `${received} of ${total} bytes are here${met}`;
  return problem(code, detail, { context: { received, total, trouble } });
}
