// The taker's end of a stream: what is offered is judged, and then what is missing is asked for, some at a time.

import {
  type GoodsAnswer,
  type GoodsQuestion,
  goodsAnswer,
  goodsQuestion,
  judgeOffer,
  type Offer,
  type Part,
  type Wanted,
} from "../../src/handover/index.js";
import { encode, type Verifier } from "../../src/index.js";
import type { FrameStream } from "../net/frame-stream.js";
import type { Goods } from "./goods.js";
import type { Opened } from "./opening.js";
import { boxOf, openKey } from "./seal.js";
import type { Shelf } from "./shelf.js";
import { CHUNK_MS, readStep, StepFault, theirRefusal } from "./steps.js";

/** Questions under way at once: as much as lies unread of one stream (spec/handover#Q2). */
const WINDOW = 4;

export interface TakingPort {
  readonly shelf: Shelf;
  readonly verifier: Verifier;
  /** a chunk is here */
  took(goods: Goods): void;
}

/** Takes all that is missing of what is wanted. @throws StepFault, GoodsRefusal, FrameError, what disk and libp2p throw */
export async function takeFrom(
  frames: FrameStream,
  opened: Opened,
  wanted: Wanted,
  port: TakingPort,
): Promise<Goods> {
  const { part, trade } = wanted;
  ask(frames, { kind: "offer", part });
  const answer = await answerOf(frames, "offer");
  const { kind: _, ...offered } = answer;
  const judged = judgeOffer(offered, wanted, port.verifier);
  if (typeof judged === "string") throw new StepFault(judged, true);
  const goods = await laidDown(offered, opened, wanted, port);
  if (goods === null) throw new StepFault("BAD_KEY", true);
  goods.intake.forgetAsked();
  await takeMissing(frames, part, goods, () => port.took(goods));
  await port.shelf.whole(trade, part);
  return goods;
}

/** While a chunk is written the next one comes: it is judged once that is done. */
async function takeMissing(frames: FrameStream, part: Part, goods: Goods, took: () => void): Promise<void> {
  const underWay: number[] = [];
  let written: Promise<void> = Promise.resolve();
  for (;;) {
    for (let next = goods.intake.next(WINDOW - underWay.length); next !== null; ) {
      ask(frames, { kind: "chunk", part, index: next });
      underWay.push(next);
      next = goods.intake.next(WINDOW - underWay.length);
    }
    const index = underWay.shift();
    if (index === undefined) break;
    const { sealed } = await answerOf(frames, "chunk");
    await written;
    written = goods.take(index, sealed).then((fate) => {
      if (fate !== "kept" && fate !== "duplicate") throw new StepFault(fate, true);
      took();
    });
    // Where the stream ends first, that is what is told.
    written.catch(() => undefined);
  }
  await written;
}

/** Tells the other side that a part can be asked for. @throws StepFault with its refusal */
export async function sayReady(frames: FrameStream, part: Part): Promise<void> {
  ask(frames, { kind: "ready", part });
  await answerOf(frames, "noted");
}

/** Null: the key that came with the offer does not open, so that nothing of it would. */
async function laidDown(offered: Offer, { own }: Opened, { trade, part }: Wanted, { shelf }: TakingPort) {
  if (openKey(offered.sealedKey, boxOf(own)) === null) return null;
  return shelf.expect(trade, part, own.publicKey, offered);
}

const ask = (frames: FrameStream, question: GoodsQuestion): void =>
  frames.send(encode(goodsQuestion, question));

type AnswerOf<K extends GoodsAnswer["kind"]> = Extract<GoodsAnswer, { readonly kind: K }>;

async function answerOf<K extends GoodsAnswer["kind"]>(frames: FrameStream, kind: K): Promise<AnswerOf<K>> {
  const answer = await readStep(frames, goodsAnswer, CHUNK_MS);
  if (answer.kind === "refused") throw theirRefusal(answer.code);
  if (answer.kind !== kind) throw new StepFault("OTHER_ANSWER", true);
  return answer as AnswerOf<K>;
}
