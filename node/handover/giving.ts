// The giver's end of a stream: one question after another, and behind everything else that this peer has to do.

import {
  type GoodsAnswer,
  type GoodsQuestion,
  goodsAnswer,
  goodsQuestion,
  type Part,
} from "../../src/handover/index.js";
import { type Bytes, encode, equalBytes, type Hash } from "../../src/index.js";
import { FrameError, type FrameStream } from "../net/frame-stream.js";
import { gives, type Opened, takes } from "./opening.js";
import { boxOf, openKey, sealKey } from "./seal.js";
import type { Shelf } from "./shelf.js";
import { CHUNK_MS, readStep, sendStep } from "./steps.js";

export interface GivingPort {
  readonly shelf: Shelf;
  /** what the log says was delivered; null: nothing so far */
  deliveredOf(trade: Hash): Hash | null;
  /** the other side says that a part can be asked for */
  readied(trade: Hash, part: Part): void;
  /** the other party knows what there is */
  offered(trade: Hash, part: Part): void;
  /** a chunk has left */
  gave(trade: Hash, part: Part, index: number): void;
}

const refused = (code: string): GoodsAnswer => ({ kind: "refused", code });

/** Answers until the other side has no more questions. @throws FrameError, StepFault, what libp2p throws */
export async function giveOn(frames: FrameStream, opened: Opened, port: GivingPort): Promise<void> {
  for (;;) {
    const question = await readStep(frames, goodsQuestion).catch((error: unknown) => {
      if (error instanceof FrameError && error.code === "ENDED") return null;
      throw error;
    });
    if (question === null) return;
    const answer = await answerTo(question, opened, port);
    await sendStep(frames, encode(goodsAnswer, answer), CHUNK_MS);
    if (answer.kind === "chunk") await letOthersGoFirst();
  }
}

async function answerTo(question: GoodsQuestion, opened: Opened, port: GivingPort): Promise<GoodsAnswer> {
  const { part } = question;
  const { trade } = opened;
  if (question.kind === "ready") {
    if (!takes(opened, part)) return refused("NO_SUCH_PART");
    port.readied(trade, part);
    return { kind: "noted" };
  }
  if (!gives(opened, part)) return refused("NO_SUCH_PART");
  const kept = port.shelf.offerOf(trade, part);
  const delivered = part === "output" ? port.deliveredOf(trade) : (kept?.hash ?? null);
  if (kept === null || delivered === null || !equalBytes(kept.hash, delivered)) return refused("NOT_READY");
  if (question.kind === "offer") {
    const sealedKey = resealed(kept.sealedKey, opened);
    const { manifest, sig } = kept;
    if (sealedKey === null) return refused("NOT_READY");
    port.offered(trade, part);
    return { kind: "offer", manifest, sealedKey, sig };
  }
  const goods = await port.shelf.goodsOf(trade, part);
  if (goods?.intake.has(question.index) !== true) return refused("NO_SUCH_CHUNK");
  const sealed = await goods.readSealed(question.index);
  port.gave(trade, part, question.index);
  return { kind: "chunk", sealed };
}

/** The key of the goods, sealed anew to the box of the other party. */
function resealed(sealedKey: Bytes, { own, otherBox }: Opened): Bytes | null {
  const key = openKey(sealedKey, boxOf(own));
  return key === null ? null : sealKey(key, otherBox);
}

/** Sealed bytes of one chunk hold up the loop for some 3 ms themselves, on their way through Noise. */
const LATE_MS = 8;
const MOST_REST_MS = 100;

/** A turn of the event loop; one that comes late says that others have work, and they get as long again (spec/handover#Q3). */
async function letOthersGoFirst(): Promise<void> {
  const askedMs = performance.now();
  await new Promise((resolve) => setImmediate(resolve));
  const lateMs = performance.now() - askedMs;
  if (lateMs < LATE_MS) return;
  await new Promise((resolve) => setTimeout(resolve, Math.min(lateMs, MOST_REST_MS)));
}
