// What a hostile peer gets of a stream of a trade: a stranger, a liar, one that says too much, asks too much, or nothing.
import { randomBytes } from "node:crypto";
import type { Stream } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
import { afterEach, describe, expect, it } from "vitest";
import { filesInMemory } from "../../node/handover/files.js";
import { answerKnock, type Doorway, knockAs } from "../../node/handover/opening.js";
import { boxOf, sealChunk, sealKey } from "../../node/handover/seal.js";
import { inTime } from "../../node/handover/steps.js";
import { TRADE_PROTOCOL } from "../../node/handover/streams.js";
import { FrameStream } from "../../node/net/frame-stream.js";
import { transportKeyOf } from "../../node/net/peer-key.js";
import {
  CHUNK_BYTES,
  type GoodsAnswer,
  type GoodsQuestion,
  goodsAnswer,
  goodsQuestion,
  knock,
  knockAnswer,
  knockDigest,
  knockProof,
  MAX_GOODS_FRAME_BYTES,
  type Manifest,
  manifest,
  manifestHash,
} from "../../src/handover/index.js";
import { type AgentKey, type Bytes, decode, encode } from "../../src/index.js";
import type { Trade } from "../../src/market/index.js";
import { memoryPair } from "../fuzz/memory-stream.js";
import { chunkOf, manifestOf, someBytes } from "../handover/goods.js";
import {
  both,
  buyer,
  delivered,
  due,
  eventually,
  OneLog,
  type Party,
  party,
  performer,
  pieces,
  somebody,
  tradeOf,
} from "./handover-fixture.js";
import { agentsWord } from "./handover-word.js";
import { chain, market, seedOf, stopAll, stranger, until, verifier } from "./net-fixture.js";

let log = new OneLog();
afterEach(async () => {
  for (const { handover } of log.parties) handover.end();
  await stopAll();
  log = new OneLog();
});

const BYTES = someBytes(3 * CHUNK_BYTES);
const trade = tradeOf("a trade", due);
const count = ({ station }: Party, label: string): number => station.network.counters()[label] ?? 0;

/** A stranger's host with a stream of the protocol to a party's daemon. */
async function streamTo(target: Party) {
  const host = await stranger();
  const connection = await host.dial(multiaddr(target.station.network.multiaddrs()[0]!));
  const peers = {
    self: transportKeyOf(host.peerId)!,
    remote: transportKeyOf(connection.remotePeer)!,
  };
  const open = async () => {
    const stream = await connection.newStream(TRADE_PROTOCOL);
    return { stream, frames: new FrameStream(stream, MAX_GOODS_FRAME_BYTES) };
  };
  return { host, peers, open, ...(await open()) };
}

const doorway = (known: Trade = trade): Doorway => ({
  chain,
  market,
  verifier,
  partiesOf: () => known,
  keyOf: () => null,
});

const saying = (agent: AgentKey, id: Bytes = trade.id) =>
  encode(knock, {
    v: 1,
    trade: id,
    agent: agent.publicKey,
    box: boxOf(agent).publicKey,
    nonce: randomBytes(32),
  });

async function answered(frames: FrameStream) {
  const decoded = decode(knockAnswer, await frames.read(), MAX_GOODS_FRAME_BYTES);
  return decoded.ok ? decoded.value : null;
}

describe("whoever knocks", () => {
  it.each([
    ["a stranger to the trade", () => saying(somebody), "NOT_A_PARTY"],
    ["the party that is served here itself", () => saying(performer), "NOT_SERVED_HERE"],
    ["about a trade that is none", () => saying(buyer, seedOf("no trade")), "TRADE_UNKNOWN"],
  ])("%s hears why, and nothing is read of it", async (_, words, code) => {
    const seller = await party(log, "seller", { agents: [performer] });
    log.says(trade);
    const { frames } = await streamTo(seller);
    frames.send(words());
    expect(await answered(frames)).toEqual({ kind: "refused", code });
    await expect(frames.read()).rejects.toThrow();
    expect(count(seller, `trade.${code}`)).toBe(1);
  });

  it("in a party's name without its key is cut off, and it is held against it", async () => {
    const seller = await party(log, "seller", { agents: [performer] });
    log.says(trade);
    const { frames } = await streamTo(seller);
    frames.send(saying(buyer));
    expect(await answered(frames)).toMatchObject({ kind: "welcome" });
    frames.send(encode(knockProof, { sig: somebody.sign(seedOf("anything")) }));
    frames.send(encode(goodsQuestion, { kind: "offer", part: "output" }));
    await expect(frames.read()).rejects.toThrow();
    expect(count(seller, "trade.BAD_PROOF")).toBe(1);
  });

  it("between the two, to carry proofs from one to the other, gets neither side's trust", async () => {
    const seller = await party(log, "seller", { agents: [performer] });
    log.says(trade);
    const { frames, peers, open } = await streamTo(seller);
    const elsewhere = { ...peers, self: seedOf("the buyer's own peer") };
    const knocked = knockAs(frames, doorway(), buyer, trade.id, elsewhere);
    await expect(knocked).rejects.toMatchObject({ code: "BAD_PROOF" });
    const second = await open();
    const nonce = randomBytes(32);
    const box = boxOf(buyer).publicKey;
    const agent = buyer.publicKey;
    second.frames.send(encode(knock, { v: 1, trade: trade.id, agent, box, nonce }));
    const welcome = await answered(second.frames);
    if (welcome?.kind !== "welcome") throw new Error("not welcome");
    const digest = knockDigest("opener", {
      chain,
      market,
      trade: trade.id,
      openerPeer: elsewhere.self,
      responderPeer: elsewhere.remote,
      openerAgent: agent,
      responderAgent: performer.publicKey,
      openerBox: box,
      responderBox: welcome.box,
      openerNonce: nonce,
      responderNonce: welcome.nonce,
    });
    second.frames.send(encode(knockProof, { sig: buyer.sign(digest) }));
    await until("it is refused", () => count(seller, "trade.BAD_PROOF") === 1);
  });

  it("with a frame that is too long, or words that are none, is cut off and blamed", async () => {
    const seller = await party(log, "seller", { agents: [performer] });
    log.says(trade);
    const { stream, open } = await streamTo(seller);
    stream.send(Uint8Array.of(0xff, 0xff, 0xff, 0xff));
    await until("it is refused", () => count(seller, "trade.OVERSIZE") === 1);
    const second = await open();
    second.frames.send(Uint8Array.of(1, 2, 3));
    await until("it is refused", () => count(seller, "trade.BAD_FRAME") === 1);
  });

  it("again and again has no more than its share", async () => {
    const seller = await party(log, "seller", { agents: [performer] });
    log.says(trade);
    const { open } = await streamTo(seller);
    const codes = [];
    for (let i = 0; i < 20; i++) {
      const { frames, stream } = await open();
      frames.send(saying(somebody));
      const answer = await answered(frames);
      codes.push(answer?.kind === "refused" ? answer.code : null);
      await stream.close();
    }
    expect(codes.slice(0, 14).every((code) => code === "NOT_A_PARTY")).toBe(true);
    expect(codes.at(-1)).toBe("TOO_MANY_REQUESTS");
  });

  it("with more streams at once than it may hears BUSY", async () => {
    const seller = await party(log, "seller", { agents: [performer] });
    log.says(trade);
    const { open, frames, peers } = await streamTo(seller);
    await knockAs(frames, doorway(), buyer, trade.id, peers);
    const second = await open();
    await knockAs(second.frames, doorway(), buyer, trade.id, peers);
    const third = await open();
    await expect(knockAs(third.frames, doorway(), buyer, trade.id, peers)).rejects.toMatchObject({
      code: "BUSY",
    });
    await second.stream.close();
    await until("its place is free", () => true);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const fourth = await open();
    await knockAs(fourth.frames, doorway(), buyer, trade.id, peers);
  });
});

describe("a party that asks", () => {
  it("gets an output only once the log has its hash, no part that is its own, and no chunk that there is not", async () => {
    const seller = await party(log, "seller", { agents: [performer] });
    log.says(trade);
    const { hash } = await seller.handover.give(trade, "output", "", pieces(BYTES));
    const { frames, peers } = await streamTo(seller);
    await knockAs(frames, doorway(), buyer, trade.id, peers);
    const ask = async (question: GoodsQuestion) => {
      frames.send(encode(goodsQuestion, question));
      const decoded = decode(goodsAnswer, await frames.read(), MAX_GOODS_FRAME_BYTES);
      return decoded.ok ? decoded.value : null;
    };
    const refused = (code: string) => ({ kind: "refused", code });
    expect(await ask({ kind: "offer", part: "output" })).toEqual(refused("NOT_READY"));
    expect(await ask({ kind: "chunk", part: "output", index: 0 })).toEqual(refused("NOT_READY"));
    log.says({ ...trade, state: delivered(seedOf("something else")) });
    expect(await ask({ kind: "offer", part: "output" })).toEqual(refused("NOT_READY"));
    log.says({ ...trade, state: delivered(hash) });
    expect(await ask({ kind: "offer", part: "output" })).toMatchObject({ kind: "offer" });
    expect(await ask({ kind: "offer", part: "input" })).toEqual(refused("NO_SUCH_PART"));
    expect(await ask({ kind: "ready", part: "output" })).toEqual(refused("NO_SUCH_PART"));
    expect(await ask({ kind: "chunk", part: "output", index: 3 })).toEqual(refused("NO_SUCH_CHUNK"));
    expect(await ask({ kind: "chunk", part: "output", index: 2 })).toMatchObject({ kind: "chunk" });
  });
});

/** A performer's daemon that lies: it proves itself, and then says what `lie` makes of the truth. */
async function liar(taker: Party, lie: (truth: Truth, question: GoodsQuestion) => Bytes | null) {
  const key = randomBytes(32);
  const made: Manifest = { ...manifestOf(BYTES), chain, market, trade: trade.id };
  const { host, peers, open, frames: calling } = await streamTo(taker);
  let boxOfTaker: Bytes = new Uint8Array(32);
  const asked: GoodsQuestion[] = [];
  await host.handle(TRADE_PROTOCOL, async (stream: Stream) => {
    const frames = new FrameStream(stream, MAX_GOODS_FRAME_BYTES);
    const opened = await answerKnock(
      frames,
      {
        ...doorway(),
        keyOf: (agent) => (Buffer.compare(agent, performer.publicKey) === 0 ? performer : null),
      },
      peers,
    );
    boxOfTaker = opened.otherBox;
    for (;;) {
      const decoded = decode(goodsQuestion, await frames.read(), MAX_GOODS_FRAME_BYTES);
      if (!decoded.ok) return;
      asked.push(decoded.value);
      const truth: Truth = { key, made, box: boxOfTaker };
      const answer = lie(truth, decoded.value) ?? encode(goodsAnswer, truthfully(truth, decoded.value));
      if (answer.length > 0) frames.send(answer);
    }
  });
  return { host, asked, hash: manifestHash(made), calling, open, peers };
}

interface Truth {
  readonly key: Bytes;
  readonly made: Manifest;
  readonly box: Bytes;
}

function truthfully({ key, made, box }: Truth, question: GoodsQuestion): GoodsAnswer {
  if (question.kind === "ready") return { kind: "noted" };
  const { part } = question;
  if (question.kind === "offer")
    return {
      kind: "offer",
      manifest: encode(manifest, made),
      sealedKey: sealKey(key, box)!,
      sig: performer.sign(manifestHash(made)),
    };
  const { index } = question;
  return { kind: "chunk", sealed: sealChunk(key, { trade: trade.id, part, index }, chunkOf(BYTES, index)) };
}

describe("a party that gives", () => {
  /** The buyer's daemon takes from a liar, whose connection it has already. @returns what it made of it */
  async function takingFrom(lie: Parameters<typeof liar>[1], hash?: Bytes) {
    const taker = await party(log, "taker", { agents: [buyer] });
    log.says(trade);
    const made = await liar(taker, lie);
    await agentsWord(made.host, taker, performer);
    const done = { ...trade, state: delivered(hash ?? made.hash) };
    log.says(done);
    const troubled = async () => {
      const progress = await taker.handover.progressOf(done, "output");
      return progress?.state === "here" || (progress?.trouble ?? null) !== null;
    };
    await eventually("it has come to something", troubled);
    return { progress: (await taker.handover.progressOf(done, "output"))!, taker, asked: made.asked };
  }

  it("the truth is believed", async () => {
    const { progress } = await takingFrom(() => null);
    expect(progress).toMatchObject({ state: "here", received: BYTES.length });
  });

  it("goods that are not what the log says are refused before a chunk is asked for", async () => {
    const { progress, taker, asked } = await takingFrom(() => null, seedOf("another hash"));
    expect(progress).toMatchObject({ state: "waiting", trouble: "WRONG_HASH", received: 0 });
    expect(asked.every(({ kind }) => kind === "offer")).toBe(true);
    expect(count(taker, "trade.WRONG_HASH")).toBeGreaterThan(0);
  });

  it("a chunk with wrong bytes is not kept, and is held against the peer", async () => {
    const { progress, taker } = await takingFrom(({ key }, question) =>
      question.kind === "chunk" && question.index === 1
        ? encode(goodsAnswer, {
            kind: "chunk",
            sealed: sealChunk(key, { trade: trade.id, ...question }, chunkOf(BYTES, 2)),
          })
        : null,
    );
    expect(progress).toMatchObject({ state: "stalled", trouble: "WRONG_HASH", received: CHUNK_BYTES });
    expect(count(taker, "trade.WRONG_HASH")).toBeGreaterThan(0);
  });

  it("a chunk that was sealed otherwise does not open", async () => {
    const { progress } = await takingFrom((_, question) =>
      question.kind === "chunk"
        ? encode(goodsAnswer, { kind: "chunk", sealed: randomBytes(CHUNK_BYTES + 16) })
        : null,
    );
    expect(progress).toMatchObject({ trouble: "UNSEALED", received: 0 });
  });

  it("a frame longer than a chunk, or bytes without end, are read no further", async () => {
    const { progress, taker } = await takingFrom((_, question) =>
      question.kind === "chunk" ? new Uint8Array(MAX_GOODS_FRAME_BYTES + 1) : null,
    );
    expect(progress).toMatchObject({ trouble: "BROKEN_OFF", received: 0 });
    expect(count(taker, "trade.OVERSIZE")).toBeGreaterThan(0);
  });

  it("a code that is a novel is shown as REFUSED, and fills no counters", async () => {
    const { progress, taker } = await takingFrom(() =>
      encode(goodsAnswer, { kind: "refused", code: "once upon a time there was a peer" }),
    );
    expect(progress.trouble).toBe("REFUSED");
    expect(Object.keys(taker.station.network.counters()).some((label) => label.includes("upon"))).toBe(false);
  });
});

describe("a step", () => {
  it("that does not come in time ends the stream", async () => {
    const [ours] = memoryPair();
    const frames = new FrameStream(ours, 100);
    await expect(inTime(ours, 20, frames.read())).rejects.toThrow();
    expect(ours.status).not.toBe("open");
  });
});

describe("an agent's word of where it is served", () => {
  it("reaches a daemon that its own has never met, over those between", async () => {
    const middle = await party(log, "middle");
    const join = [...middle.station.network.multiaddrs()];
    const seller = await party(log, "seller", { agents: [performer], join });
    const taker = await party(log, "taker", { agents: [buyer], join, files: filesInMemory(Date.now) });
    await until("all have met", () => middle.station.connected.size === 2);
    log.says(trade);
    const { hash } = await seller.handover.give(trade, "output", "", pieces(BYTES));
    const done = { ...trade, state: delivered(hash) };
    log.says(done);
    const isHere = async () => (await taker.handover.progressOf(done, "output"))?.state === "here";
    await eventually("the output is there", isHere);
  });

  it("is refused where somebody else signed it, and held against whoever brought it", async () => {
    const { taker } = await both(log);
    log.says(trade);
    const host = await stranger();
    const forged = await agentsWord(host, taker, performer, somebody);
    expect(forged).toEqual({ kind: "refused", code: "BAD_SIGNATURE" });
    expect(count(taker, "agents.BAD_SIGNATURE")).toBe(1);
  });

  it("that is older than what is known changes nothing", async () => {
    const taker = await party(log, "taker", { agents: [buyer] });
    log.says(trade);
    const host = await stranger();
    expect(await agentsWord(host, taker, performer, performer, 2000)).toEqual({ kind: "noted", seq: 2000 });
    expect(await agentsWord(host, taker, performer, performer, 1999)).toEqual({ kind: "noted", seq: 2000 });
  });
});
