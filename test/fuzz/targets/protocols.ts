// Targets: the direct protocols, both sides of each, over libp2p's own in-memory streams, cut and chunked at will.
import type { Connection, Stream } from "@libp2p/interface";
import { FrameStream, frameOf } from "../../../node/net/frame-stream.js";
import { Introductions } from "../../../node/net/introductions.js";
import { MAX_SMALL_FRAME_BYTES, NETWORK_LIMITS } from "../../../node/net/limits.js";
import { NetworkRefusal } from "../../../node/net/ports.js";
import { QuorumLinks } from "../../../node/net/quorum-links.js";
import { ProofError, proveAsOpener } from "../../../node/net/seat-proof.js";
import { askGenesis, askLog } from "../../../node/net/sync-client.js";
import { SyncServer } from "../../../node/net/sync-server.js";
import { Timers } from "../../../node/net/timers.js";
import { type StatusMessage, statusMessage, syncAnswer } from "../../../node/net/wire.js";
import { type Bytes, decode, encode, InvariantError } from "../../../src/base/index.js";
import type { QuorumMessage } from "../../../src/quorum/index.js";
import { keyOf } from "../../peer/cluster.js";
import { knownKeys } from "../known-keys.js";
import { memoryPair } from "../memory-stream.js";
import { realInputs } from "../real.js";
import { mustHold, type Signal, type Target } from "../target.js";
import { DECODERS } from "./decoders.js";
import { choicesOf, peerSide } from "./peer-side.js";

const STRANGER = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA";
const PEER_KEYS = { opener: new Uint8Array(32).fill(5), responder: new Uint8Array(32).fill(6) };

/** What comes from the wire: mostly one whole frame; else its length is a lie, it is cut, or there are more. */
function wireOf(input: Bytes): readonly Bytes[] {
  const random = choicesOf(input);
  const frame = frameOf(input);
  const lie = (length: number): Bytes => {
    const lying = Uint8Array.from(frame);
    new DataView(lying.buffer).setUint32(0, length);
    return lying;
  };
  switch (random.word() % 16) {
    case 0:
      return [
        lie(random.pick([0, 1, input.length - 1, input.length + 1, 65_537, 2 ** 21 + 1, 2 ** 32 - 1]) >>> 0),
      ];
    case 1:
      return [frame.slice(0, random.word() % frame.length)];
    case 2:
      return [frame, frame, frame];
    case 3:
      return Array.from(frame.subarray(0, 64), (byte) => Uint8Array.of(byte)).concat(frame.slice(64));
    case 4: {
      const at = random.word() % frame.length;
      return [frame.slice(0, at), frame.slice(at)];
    }
    default:
      return [frame];
  }
}

interface Ends {
  readonly ours: Stream;
  readonly theirs: Stream;
}

function ends(): Ends {
  const [theirs, ours] = memoryPair();
  return { ours, theirs };
}

/** Writes what there is to write, then ends its side. */
async function utter(stream: Stream, chunks: readonly Bytes[]): Promise<void> {
  for (const chunk of chunks) if (chunk.length > 0 && stream.writeStatus === "writable") stream.send(chunk);
  await stream.close().catch(() => undefined);
}

const connectionOf = (stream: Stream): Connection =>
  ({
    id: "one",
    status: "open",
    direction: "inbound",
    remotePeer: { type: "Ed25519", toString: () => STRANGER, publicKey: { raw: PEER_KEYS.opener } },
    remoteAddr: { toString: () => "/ip4/192.0.2.1/tcp/1" },
    newStream: async () => stream,
    addEventListener: () => undefined,
  }) as unknown as Connection;

/** The frames that come back, until the stream ends. */
async function answers(stream: Stream): Promise<readonly Bytes[]> {
  const frames = new FrameStream(stream, 1 << 22);
  const heard: Bytes[] = [];
  for (;;) {
    const frame = await frames.read().catch(() => null);
    if (frame === null) return heard;
    heard.push(frame);
  }
}

const codesOf = (counts: Readonly<Record<string, number>>): Signal => Object.keys(counts).sort().join(" ");

const seedsOf = (name: string) => (): readonly Bytes[] => DECODERS.find((one) => one.name === name)!.seeds();

/** A question from a stranger: at most one answer, and that one readable. */
async function served(input: Bytes): Promise<Signal> {
  const side = peerSide();
  const { ours, theirs } = ends();
  const server = new SyncServer({
    ...side,
    steadyMs: () => 0,
    seatOf: () => null,
    limits: { syncRequests: 50 },
    blame: side.blame,
    pause: async () => undefined,
  });
  const heard = answers(theirs);
  const done = server.serve(ours, connectionOf(ours));
  await utter(theirs, wireOf(input));
  await done;
  const replies = await heard;
  mustHold(replies.length <= 1, `${replies.length} answers to one question`);
  for (const reply of replies)
    mustHold(decode(syncAnswer, reply, 1 << 22).ok, "an answer that nobody can read");
  const answer = replies[0] === undefined ? null : decode(syncAnswer, replies[0], 1 << 22);
  const kind = answer?.ok === true ? answer.value.kind : "none";
  const good = kind === "none" || kind === "refused" ? "" : "ok ";
  return `${good}${kind} ${codesOf(side.counters.snapshot())} ${side.blamed.length}`;
}

const ownStatus = (): StatusMessage => {
  const { chain, market } = realInputs().behind.ledger.network;
  return { v: 2, chain, market, final: null, seatKey: null, addresses: [], known: [] };
};

function introductions(
  side: ReturnType<typeof peerSide>,
  introduced: () => void,
  { later } = new Timers(),
): Introductions {
  const { chain, market } = realInputs().behind.ledger.network;
  return new Introductions({
    chain,
    market,
    counters: side.counters,
    steadyMs: () => 0,
    ownStatus,
    introduced,
    isIntroduced: () => false,
    blame: side.blame,
    part: () => undefined,
    later,
  });
}

const statuses = (): readonly Bytes[] => [encode(statusMessage, ownStatus()), ...seedsOf("status")()];

async function greeted(input: Bytes): Promise<Signal> {
  const side = peerSide();
  const { ours, theirs } = ends();
  let count = 0;
  const timers = new Timers();
  const guests = introductions(side, () => count++, timers);
  const heard = answers(theirs);
  const done = guests.serve(ours, connectionOf(ours));
  await utter(theirs, wireOf(input));
  await done;
  const replies = await heard;
  await new Promise(setImmediate);
  timers.stop();
  for (const reply of replies)
    mustHold(decode(statusMessage, reply, MAX_SMALL_FRAME_BYTES).ok, "a status nobody can read");
  const read = decode(statusMessage, input, MAX_SMALL_FRAME_BYTES);
  mustHold(count <= 1 && (count === 0 || read.ok || wireOf(input).length !== 1), "introduced by no status");
  return `${count > 0 ? "ok " : ""}${replies.length} ${codesOf(side.counters.snapshot())} ${side.blamed.length}`;
}

/** A hostile answer to each thing that this peer asks: a value that was asked for, or a refusal with a code. */
async function asked(input: Bytes): Promise<Signal> {
  const { ours, theirs } = ends();
  const connection = connectionOf(ours);
  const side = peerSide();
  const question = choicesOf(input).word() % 3;
  const work: Promise<unknown> =
    question === 0
      ? askGenesis(connection)
      : question === 1
        ? askLog(connection, 1, 2)
        : introductions(side, () => undefined).introduce(connection);
  const outcome = work.then(
    (value) => `ok ${question} ${typeof value}`,
    (error: unknown) => {
      mustHold(!(error instanceof InvariantError) && error instanceof Error, `threw ${String(error)}`);
      mustHold(!(error instanceof TypeError || error instanceof RangeError), `threw ${String(error)}`);
      return `${question} ${error.name} ${error instanceof NetworkRefusal ? error.code : ""}`;
    },
  );
  await utter(theirs, wireOf(input));
  const signal = await outcome;
  ours.abort(new Error("over"));
  return signal;
}

const logAnswers = (): readonly Bytes[] => [
  ...seedsOf("sync-answer")(),
  encode(syncAnswer, { kind: "genesis", genesis: realInputs().genesis }),
  ...realInputs()
    .messages.filter((one) => one[1] === 12 && one.length < 4000)
    .map((log) => encode(syncAnswer, { kind: "log", log })),
  encode(statusMessage, ownStatus()),
];

function proverOf(seat: string) {
  const { behind } = realInputs();
  const { chain, market } = behind.ledger.network;
  return { chain, market, signer: keyOf(seat), role: { electorate: behind.electorate }, verifier: knownKeys };
}

function links(
  side: ReturnType<typeof peerSide>,
  heard: QuorumMessage[],
  seats: (number | null)[],
): QuorumLinks {
  return new QuorumLinks({
    ...proverOf("seat 0"),
    selfKey: PEER_KEYS.responder,
    limits: NETWORK_LIMITS,
    counters: side.counters,
    steadyMs: () => 0,
    deliver: (_from, _seat, message) => void heard.push(message),
    blame: side.blame,
    seated: (_from, seat) => void seats.push(seat),
    isSeatShutOut: () => false,
  });
}

/** Frames of a member that truly proved its seat. */
async function heardFromMember(input: Bytes): Promise<Signal> {
  const side = peerSide();
  const heard: QuorumMessage[] = [];
  const { ours, theirs } = ends();
  const done = links(side, heard, []).serve(ours, connectionOf(ours));
  const frames = new FrameStream(theirs, MAX_SMALL_FRAME_BYTES);
  await proveAsOpener(frames, proverOf("seat 1"), PEER_KEYS.opener, PEER_KEYS.responder);
  await utter(theirs, wireOf(input));
  await done;
  const kinds = heard.map(({ kind }) => kind).join();
  return `${heard.length > 0 ? "ok " : ""}${kinds} ${codesOf(side.counters.snapshot())} ${side.blamed.length}`;
}

/** The opening itself from somebody who has no key: no seat is ever proven, and nothing is heard. */
async function proven(input: Bytes): Promise<Signal> {
  const side = peerSide();
  const heard: QuorumMessage[] = [];
  const seats: (number | null)[] = [];
  const { ours, theirs } = ends();
  const replies = answers(theirs);
  const done = links(side, heard, seats).serve(ours, connectionOf(ours));
  await utter(theirs, [...wireOf(input), ...wireOf(input)]);
  await done;
  mustHold(heard.length === 0 && seats.every((seat) => seat === null), "a seat was proven by a stranger");
  return `${(await replies).length > 0 ? "ok " : ""}${codesOf(side.counters.snapshot())} ${side.blamed.length}`;
}

/** The other side of an opening: a stranger's challenge. */
async function challenged(input: Bytes): Promise<Signal> {
  const { ours, theirs } = ends();
  const frames = new FrameStream(ours, MAX_SMALL_FRAME_BYTES);
  const outcome = proveAsOpener(frames, proverOf("seat 0"), PEER_KEYS.responder, PEER_KEYS.opener).then(
    () => "proven",
    (error: unknown) => (error instanceof ProofError ? `ok ${error.code}` : (error as Error).name),
  );
  await utter(theirs, wireOf(input));
  const signal = await outcome;
  mustHold(signal !== "proven", "a seat was proven by a stranger");
  mustHold(signal.startsWith("ok") || signal === "FrameError", `threw ${signal}`);
  ours.abort(new Error("over"));
  return signal;
}

/** A hello in the name of a member, which anyone can say. */
const hellos = (): readonly Bytes[] => {
  const seat = realInputs().behind.electorate.set.members.at(-1)!.key;
  return seedsOf("hello")().flatMap((bytes) => [
    bytes,
    Uint8Array.from([...bytes.subarray(0, 4), ...seat, ...bytes.subarray(36)]),
  ]);
};
const challenges = (): readonly Bytes[] => {
  const seat = realInputs().behind.electorate.set.members.at(-1)!.key;
  return seedsOf("challenge")().flatMap((bytes) => [
    bytes,
    Uint8Array.from([...bytes.subarray(0, 4), ...seat, ...bytes.subarray(36)]),
  ]);
};

export const PROTOCOLS: readonly Target[] = [
  { name: "sync-server", share: 0.4, seeds: seedsOf("sync-question"), take: served },
  { name: "status-server", share: 0.4, seeds: statuses, take: greeted },
  { name: "answers", share: 0.4, seeds: logAnswers, take: asked },
  { name: "quorum-stream", share: 0.4, seeds: () => realInputs().messages, take: heardFromMember },
  { name: "seat-proof-responder", share: 0.2, seeds: hellos, take: proven },
  { name: "seat-proof-opener", share: 0.2, seeds: challenges, take: challenged },
];
