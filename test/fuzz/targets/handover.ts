// Targets: what travels on a stream of a trade, what peers tell of agents, and what lies beside goods on a disk.
import { filesInMemory } from "../../../node/handover/files.js";
import { giveOn } from "../../../node/handover/giving.js";
import { answerKnock, type Opened } from "../../../node/handover/opening.js";
import { boxOf } from "../../../node/handover/seal.js";
import { keptGoods, MAX_KEPT_BYTES, Shelf } from "../../../node/handover/shelf.js";
import { StepFault } from "../../../node/handover/steps.js";
import { FrameError, FrameStream, frameOf } from "../../../node/net/frame-stream.js";
import { type Bytes, decode, encode, InvariantError } from "../../../src/base/index.js";
import {
  CHUNK_BYTES,
  goodsAnswer,
  goodsQuestion,
  knock,
  knockAnswer,
  knockProof,
  MAX_GOODS_FRAME_BYTES,
  MAX_MANIFEST_BYTES,
  MAX_PRESENCE_BYTES,
  MAX_QUESTION_FRAME_BYTES,
  manifest,
  offer,
  presence,
  presenceAnswer,
  presenceQuestion,
} from "../../../src/handover/index.js";
import { filled, manifestOf, NETWORK, someBytes, TRADE } from "../../handover/goods.js";
import { keyOf } from "../../peer/cluster.js";
import { knownKeys } from "../known-keys.js";
import { memoryPair } from "../memory-stream.js";
import { mustHold, type Signal, type Target } from "../target.js";
import { codecTarget } from "./codec.js";

const performer = keyOf("performer");
const buyer = keyOf("buyer");
const parties = { performer: performer.publicKey, buyer: buyer.publicKey };
const PEERS = { self: filled(20), remote: filled(21) };

const said = { agent: filled(1), peer: "12D3KooW", addresses: ["/ip4/127.0.0.1/tcp/1"], seq: 7 };
const word = { said, sig: filled(2, 64) };
const offered = {
  manifest: encode(manifest, manifestOf(someBytes(5))),
  sealedKey: filled(3, 80),
  sig: filled(4, 64),
};
const knocked = { v: 1, trade: TRADE, agent: buyer.publicKey, box: filled(5), nonce: filled(6) };

const questions = (): readonly Bytes[] => [
  encode(goodsQuestion, { kind: "offer", part: "output" }),
  encode(goodsQuestion, { kind: "chunk", part: "output", index: 1 }),
  encode(goodsQuestion, { kind: "ready", part: "input" }),
];

const DECODERS: readonly Target[] = [
  codecTarget({
    name: "manifest",
    share: 2,
    codec: manifest,
    maxBytes: MAX_MANIFEST_BYTES,
    real: () => [offered.manifest, encode(manifest, manifestOf(someBytes(3 * CHUNK_BYTES), "input"))],
  }),
  codecTarget({
    name: "offer",
    share: 1,
    codec: offer,
    maxBytes: MAX_GOODS_FRAME_BYTES,
    real: () => [encode(offer, offered)],
  }),
  codecTarget({
    name: "knock",
    share: 1,
    codec: knock,
    maxBytes: MAX_QUESTION_FRAME_BYTES,
    real: () => [encode(knock, knocked)],
  }),
  codecTarget({ name: "knock-answer", share: 1, codec: knockAnswer, maxBytes: MAX_GOODS_FRAME_BYTES }),
  codecTarget({ name: "knock-proof", share: 1, codec: knockProof, maxBytes: MAX_QUESTION_FRAME_BYTES }),
  codecTarget({
    name: "goods-question",
    share: 1,
    codec: goodsQuestion,
    maxBytes: MAX_QUESTION_FRAME_BYTES,
    real: questions,
  }),
  codecTarget({
    name: "goods-answer",
    share: 1,
    codec: goodsAnswer,
    maxBytes: MAX_GOODS_FRAME_BYTES,
    real: () => [
      encode(goodsAnswer, { kind: "offer", ...offered }),
      encode(goodsAnswer, { kind: "chunk", sealed: filled(1, 21) }),
      encode(goodsAnswer, { kind: "refused", code: "NOT_READY" }),
    ],
  }),
  codecTarget({
    name: "presence",
    share: 1,
    codec: presence,
    maxBytes: MAX_PRESENCE_BYTES,
    real: () => [encode(presence, word)],
  }),
  codecTarget({
    name: "presence-question",
    share: 1,
    codec: presenceQuestion,
    maxBytes: MAX_PRESENCE_BYTES + 64,
    real: () => [
      encode(presenceQuestion, { kind: "here", presence: word }),
      encode(presenceQuestion, { kind: "whereIs", agent: filled(1) }),
    ],
  }),
  codecTarget({
    name: "presence-answer",
    share: 1,
    codec: presenceAnswer,
    maxBytes: MAX_PRESENCE_BYTES + 64,
    real: () => [encode(presenceAnswer, { kind: "found", presence: word })],
  }),
  codecTarget({
    name: "kept-goods",
    share: 1,
    codec: keptGoods,
    maxBytes: MAX_KEPT_BYTES,
    real: () => [encode(keptGoods, { agent: filled(1), offer: offered })],
  }),
];

/** What a giver says of what it met: known words alone. */
function codeOf(error: unknown): string {
  mustHold(!(error instanceof InvariantError) && error instanceof Error, `threw ${String(error)}`);
  mustHold(!(error instanceof TypeError || error instanceof RangeError), `threw ${String(error)}`);
  return error instanceof StepFault || error instanceof FrameError ? error.code : "broken";
}

async function heardBy(input: Bytes, serve: (frames: FrameStream) => Promise<unknown>) {
  const [theirs, ours] = memoryPair();
  const frames = new FrameStream(theirs, MAX_GOODS_FRAME_BYTES);
  const work = serve(new FrameStream(ours, MAX_QUESTION_FRAME_BYTES)).then(
    () => "ended",
    (error: unknown) => codeOf(error),
  );
  for (const bytes of [frameOf(input), frameOf(input)])
    if (theirs.writeStatus === "writable") theirs.send(bytes);
  await theirs.close().catch(() => undefined);
  const code = await work;
  ours.abort(new Error("over"));
  const answers: Bytes[] = [];
  for (let next = await frames.read().catch(() => null); next !== null; ) {
    answers.push(next);
    next = await frames.read().catch(() => null);
  }
  return { code, answers };
}

/** A stranger knocks: it is told why not, or is welcomed and proves nothing. */
async function knockedAt(input: Bytes): Promise<Signal> {
  const doorway = {
    ...NETWORK,
    verifier: knownKeys,
    partiesOf: () => parties,
    keyOf: () => performer,
  };
  const { code, answers } = await heardBy(input, (frames) => answerKnock(frames, doorway, PEERS));
  mustHold(code !== "ended", "somebody came in without a proof");
  const kinds = answers.map((bytes) => {
    const decoded = decode(knockAnswer, bytes, MAX_GOODS_FRAME_BYTES);
    mustHold(decoded.ok, "an answer that nobody can read");
    return decoded.ok ? decoded.value.kind : "";
  });
  return `${kinds.includes("welcome") ? "ok " : ""}${kinds.join()} ${code}`;
}

/** A party that truly proved itself asks anything at all, of a giver that has one thing to give. */
async function askedOf(input: Bytes): Promise<Signal> {
  const shelf = await Shelf.open({
    files: filesInMemory(() => 0),
    bytes: 1 << 20,
    nowMs: () => 0,
    keyOf: () => performer,
    isOver: () => false,
  });
  async function* source() {
    yield someBytes(9);
  }
  const place = { ...NETWORK, trade: TRADE, part: "output" } as const;
  const { hash } = await shelf.give(place, performer, "", source());
  const opened: Opened = {
    trade: TRADE,
    parties,
    own: performer,
    other: buyer.publicKey,
    otherBox: boxOf(buyer).publicKey,
  };
  let readied = 0;
  const port = {
    shelf,
    deliveredOf: () => hash,
    readied: () => readied++,
    offered: () => undefined,
    gave: () => undefined,
  };
  const { code, answers } = await heardBy(input, (frames) => giveOn(frames, opened, port));
  mustHold(answers.length <= 2, "more answers than questions");
  const kinds = answers.map((bytes) => {
    const decoded = decode(goodsAnswer, bytes, MAX_GOODS_FRAME_BYTES);
    mustHold(decoded.ok, "an answer that nobody can read");
    return decoded.ok ? decoded.value.kind : "";
  });
  return `${kinds.some((kind) => kind !== "refused") ? "ok " : ""}${kinds.join()} ${code} ${readied}`;
}

export const HANDOVER: readonly Target[] = [
  ...DECODERS,
  { name: "knocked", share: 0.2, seeds: () => [encode(knock, knocked)], take: knockedAt },
  { name: "goods-asked", share: 0.2, seeds: questions, take: askedOf },
];
