// The direct protocols over real sockets: who may speak, what is answered, and what a hostile peer gets.
import type { Connection } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
import { afterEach, expect, test } from "vitest";
import { ask } from "../../node/net/call.js";
import { FrameError, FrameStream, frameOf } from "../../node/net/frame-stream.js";
import { fetchGenesis, type Network, type NetworkHandlers, NetworkRefusal } from "../../node/net/index.js";
import {
  challenge,
  hello,
  MAX_LOG_BYTES,
  response,
  type SyncAnswer,
  type SyncQuestion,
  statusMessage,
  syncAnswer,
  syncQuestion,
} from "../../node/net/wire.js";
import { decode, encode, utf8 } from "../../src/base/index.js";
import { taggedHash } from "../../src/crypto/index.js";
import { type QuorumMessage, quorumMessage } from "../../src/quorum/index.js";
import {
  certificateOf,
  chain,
  genesisBytes,
  headerOf,
  market,
  type Station,
  seatsOf,
  seedOf,
  station,
  stopAll,
  stranger,
  transferBytes,
  until,
} from "./net-fixture.js";

afterEach(stopAll);

const QUORUM = "/mabeam/1/quorum";
const SYNC = "/mabeam/1/sync";
const STATUS = "/mabeam/1/status";
const question = (nonce: number): QuorumMessage => ({
  kind: "getStatus",
  nonce: new Uint8Array(16).fill(nonce),
});
const count = (network: Network, label: string): number => network.counters()[label] ?? 0;

async function members(n: number, handlers: Partial<NetworkHandlers> = {}): Promise<Station[]> {
  const first = await station({ name: "m0", seat: 0, seats: n, handlers });
  const rest = Array.from({ length: n - 1 }, (_, i) =>
    station({ name: `m${i + 1}`, seat: i + 1, seats: n, join: [...first.network.multiaddrs()], handlers }),
  );
  const all = [first, ...(await Promise.all(rest))];
  await until("all members are linked", () => all.every((one) => one.network.linkedSeats().length === n - 1));
  return all;
}

async function connect(target: Station): Promise<Connection> {
  const host = await stranger();
  return host.dial(multiaddr(target.network.multiaddrs()[0]!));
}

async function call(connection: Connection, asked: SyncQuestion): Promise<SyncAnswer | null> {
  const answer = decode(syncAnswer, await ask(connection, SYNC, encode(syncQuestion, asked), 65536), 65536);
  return answer.ok ? answer.value : null;
}

test("members find and prove each other, and a step's messages arrive in order with the sender's seat", async () => {
  const all = await members(4);
  const toOthers = [1, 2, 3].map((nonce) => ({ to: "members" as const, message: question(nonce) }));
  all[0]!.network.send([...toOthers, { to: "seat", seat: 2, message: question(9) }]);
  await until("all have heard", () =>
    all.slice(1).every((one, i) => one.messages.length === (i === 1 ? 4 : 3)),
  );
  for (const [i, one] of all.slice(1).entries()) {
    expect(one.messages.map((each) => each.seat)).toEqual(i === 1 ? [0, 0, 0, 0] : [0, 0, 0]);
    expect(one.messages.slice(0, 3).map((each) => each.message)).toEqual(
      toOthers.map((each) => each.message),
    );
  }
  expect(all[0]!.messages).toEqual([]);
  const back = all[2]!.messages[0]!.from;
  all[2]!.network.send([{ to: "peer", peer: back, message: question(5) }]);
  await until("the answer is back", () => all[0]!.messages.length === 1);
  expect(all[0]!.messages[0]).toMatchObject({ seat: 2 });
});

test("a lost member is found again", async () => {
  const all = await members(3);
  const lost = all[2]!.network.ref;
  await all[0]!.network.disconnect(lost);
  await until("the link is gone", () => all[0]!.network.linkedSeats().length === 1);
  await until("the link is back", () => all.every((one) => one.network.linkedSeats().length === 2));
});

test("a peer without a seat cannot open a quorum stream, whatever it claims", async () => {
  const [member] = await members(2);
  const connection = await connect(member!);
  const frames = new FrameStream(await connection.newStream(QUORUM), 65536);
  frames.send(encode(hello, { key: seedOf("no seat"), nonce: new Uint8Array(32) }));
  await expect(frames.read()).rejects.toThrow(FrameError);
  expect(count(member!.network, "quorum.NOT_SEATED")).toBe(1);

  const liar = new FrameStream(await connection.newStream(QUORUM), 65536);
  liar.send(encode(hello, { key: seatsOf(2).keys[1]!.publicKey, nonce: new Uint8Array(32) }));
  expect(decode(challenge, await liar.read(), 65536).ok).toBe(true);
  liar.send(encode(response, { sig: new Uint8Array(64) }));
  liar.send(encode(hello, { key: seedOf("x"), nonce: new Uint8Array(32) }));
  await until("the false proof is refused", () => count(member!.network, "quorum.BAD_PROOF") === 1);
  expect(member!.messages).toEqual([]);

  const outsider = await station({ name: "outsider" });
  const toOutsider = await connect(outsider);
  await toOutsider
    .newStream(QUORUM)
    .then((stream) => new FrameStream(stream, 65536).read())
    .catch(() => undefined);
  await until(
    "a peer without a seat serves none",
    () => count(outsider.network, "quorum.NOT_A_MEMBER") === 1,
  );
});

test("a seat that is only claimed is nobody's in what is told of peers", async () => {
  const { network, connected } = await station({ name: "told", seat: 0, seats: 2 });
  const connection = await (await stranger()).dial(multiaddr(network.multiaddrs()[0]!));
  const seatKey = seatsOf(2).keys[1]!.publicKey;
  const claim = { v: 2 as const, chain, market, final: null, seatKey, addresses: [], known: [] };
  await ask(connection, STATUS, encode(statusMessage, claim), 65536);
  await until("it is introduced", () => connected.size === 1);
  expect(network.peers()).toMatchObject([{ seat: null, height: 0 }]);
});

test("a proof cannot be relayed: it names the transport keys of both ends", async () => {
  const [a, b] = await Promise.all([
    station({ name: "a", seat: 0, seats: 2 }),
    station({ name: "b", seat: 1, seats: 2 }),
  ]);
  // The man in the middle claims b's seat towards a, and passes every frame on to b and back.
  const middle = await stranger();
  const toB = await middle.dial(multiaddr(b.network.multiaddrs()[0]!));
  let passed = 0;
  await middle.handle(QUORUM, async (stream) => {
    const onward = await toB.newStream(QUORUM);
    const [left, right] = [new FrameStream(stream, 65536), new FrameStream(onward, 65536)];
    const pass = async (from: FrameStream, to: FrameStream): Promise<void> => {
      for (;;) {
        to.send(await from.read());
        passed++;
      }
    };
    await Promise.allSettled([pass(left, right), pass(right, left)]);
    stream.abort(new Error("over"));
    onward.abort(new Error("over"));
  });
  await middle.handle(STATUS, async (stream) => {
    const frames = new FrameStream(stream, 65536);
    await frames.read();
    const seatKey = seatsOf(2).keys[1]!.publicKey;
    frames.send(
      encode(statusMessage, { v: 2, chain, market, final: null, seatKey, addresses: [], known: [] }),
    );
    await stream.close();
  });
  await a.network.dial(middle.getMultiaddrs()[0]!.toString());
  await until("a has refused what b signed for the middle", () => count(a.network, "quorum.BAD_PROOF") >= 1);
  expect(passed).toBeGreaterThanOrEqual(2);
  expect(a.network.linkedSeats()).toEqual([]);
  expect(b.network.peers().every((peer) => peer.seat === null)).toBe(true);
});

test("bad frames are refused with a code on every protocol, and a peer that goes on is shut out", async () => {
  const [member] = await members(2);
  const { network } = member!;
  const connection = await connect(member!);
  const send = async (protocol: string, bytes: Uint8Array): Promise<void> => {
    const stream = await connection.newStream(protocol);
    stream.send(bytes);
    await stream.close().catch(() => undefined);
  };
  const huge = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 1, 2, 3);
  await send(SYNC, huge);
  await until("oversize on sync", () => count(network, "sync.OVERSIZE") === 1);
  await send(STATUS, frameOf(Uint8Array.of(0xa1, 0x18, 0x00, 0x01)));
  await until("not canonical on status", () => count(network, "status.NOT_CANONICAL") === 1);
  await send(QUORUM, Uint8Array.of(0, 0, 0, 50, 1, 2));
  await until("truncated on quorum", () => count(network, "quorum.TRUNCATED") === 1);
  await send(SYNC, frameOf(utf8("what is this")));
  await until("undecodable on sync", () => count(network, "sync.WRONG_TYPE") === 1);
  expect(count(network, "peers.SHUT_OUT")).toBe(0);
  for (let i = 0; i < 3; i++) await send(QUORUM, frameOf(utf8("what is this"))).catch(() => undefined);
  await until("it is shut out", () => count(network, "peers.SHUT_OUT") >= 1);
  await until("its connection is closed", () => connection.status !== "open");
  member!.network.send([{ to: "members", message: question(1) }]);
  await until("honest members still talk", () => count(network, "quorum.LINKED") >= 1);
});

test("who has just joined is named to the next one at once, and they meet", async () => {
  const first = await station({ name: "first" });
  const [address] = first.network.multiaddrs();
  const second = await station({ name: "second", join: [address!] });
  await until("the second is introduced", () => first.connected.size === 1);
  const connection = await (await stranger()).dial(multiaddr(address!));
  const empty = { v: 2 as const, chain, market, final: null, seatKey: null, addresses: [], known: [] };
  const answer = decode(
    statusMessage,
    await ask(connection, STATUS, encode(statusMessage, empty), 65536),
    65536,
  );
  if (!answer.ok) throw new Error(answer.error.detail);
  expect(answer.value.known.map(({ peer }) => peer)).toEqual([second.network.ref]);
  const third = await station({ name: "third", join: [address!] });
  await until("all have met", () => third.connected.size === 2 && second.connected.size === 2);
});

test("a peer of another chain is told so and let go", async () => {
  const one = await station({ name: "one" });
  const two = await station({ name: "two", options: { chain: taggedHash("genesis", utf8("another")) } });
  const refusal = await two.network.dial(one.network.multiaddrs()[0]!).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ name: "NetworkRefusal", code: "WRONG_CHAIN" });
  await until("the other side saw it too", () => count(one.network, "status.WRONG_CHAIN") === 1);
  expect(one.connected.size + two.connected.size).toBe(0);
});

test("a silent peer is let go, and addresses that are none are refused", async () => {
  const one = await station({ name: "one" });
  await expect(one.network.dial("not an address")).rejects.toMatchObject({ code: "BAD_ADDRESS" });
  await expect(one.network.dial("/ip4/127.0.0.1/tcp/1")).rejects.toMatchObject({ code: "UNREACHABLE" });
  await expect(one.network.dial("/ip4/192.0.2.1/tcp/4001")).rejects.toMatchObject({ code: "UNREACHABLE" });
});

test("the log is asked of some peer, and answers to other questions are refused", async () => {
  const asked: [number, number][] = [];
  const two = await station({
    name: "two",
    handlers: {
      serveLog: async (from, max) => {
        asked.push([from, max]);
        if (from === 7) return encode(quorumMessage, logOf(7, 8, 9)); // more than asked for
        return encode(quorumMessage, logOf(from === 5 ? 6 : from));
      },
    },
  });
  const one = await station({ name: "one" });
  const ref = await one.network.dial(two.network.multiaddrs()[0]!);
  expect(ref).toBe(two.network.ref);
  one.network.send([{ to: "anyone", message: { kind: "getLog", fromHeight: 3, max: 64 } }]);
  await until("the log is here", () => one.messages.length === 1);
  expect(one.messages[0]).toMatchObject({ from: ref, seat: null, message: { kind: "log" } });
  one.network.send([{ to: "peer", peer: ref, message: { kind: "getLog", fromHeight: 5, max: 2 } }]);
  await until("the wrong answer is refused", () => count(one.network, "sync.BAD_ANSWER") === 1);
  one.network.send([{ to: "peer", peer: ref, message: { kind: "getLog", fromHeight: 7, max: 2 } }]);
  await until("the long answer is refused", () => count(one.network, "sync.BAD_ANSWER") === 2);
  expect(asked).toEqual([
    [3, 64],
    [5, 2],
    [7, 2],
  ]);
  expect(one.messages.length).toBe(1);
});

test("members ask each other for the log too, of whom a seat or a connection names", async () => {
  const served: number[] = [];
  const [one, two] = await members(2, {
    serveLog: async (from) => {
      served.push(from);
      return encode(quorumMessage, logOf(from));
    },
  });
  await until("they are linked", () => one!.network.linkedSeats().length === 1);
  const peer = two!.network.ref;
  one!.network.send([{ to: "seat", seat: 1, message: { kind: "getLog", fromHeight: 3, max: 64 } }]);
  one!.network.send([{ to: "peer", peer, message: { kind: "getLog", fromHeight: 4, max: 64 } }]);
  const logs = () => one!.messages.filter(({ message }) => message.kind === "log");
  await until("both answers are here", () => logs().length === 2);
  expect(served.sort()).toEqual([3, 4]);
  expect(logs().every(({ from }) => from === peer)).toBe(true);
});

test("an operation handed in directly is judged like any other, and its sender hears the verdict", async () => {
  const two = await station({ name: "two" });
  const connection = await connect(two);
  const submit = async (op: Uint8Array): Promise<string> => {
    const answer = await call(connection, { kind: "submit", op });
    return answer?.kind === "verdict" ? answer.code : "?";
  };
  const op = transferBytes(1);
  expect(await submit(op)).toBe("ACCEPTED");
  expect(await submit(op)).toBe("DUPLICATE");
  expect(await submit(transferBytes(2, { sig: new Uint8Array(64) }))).toBe("BAD_SIGNATURE");
  expect(two.operations.length).toBe(1);
});

test("who brings what no state will ever accept is shut out in the end, and its bytes are known for what they are", async () => {
  const two = await station({
    name: "two",
    handlers: { judgeOperation: () => ({ kind: "reject", code: "FEE_BELOW_MINIMUM" }) },
  });
  const connection = await connect(two);
  const codes: string[] = [];
  const first = transferBytes(1);
  for (const op of [first, first, transferBytes(2), transferBytes(3)]) {
    const answer = await call(connection, { kind: "submit", op });
    codes.push(answer?.kind === "verdict" ? answer.code : "?");
  }
  expect(codes).toEqual(["FEE_BELOW_MINIMUM", "KNOWN_BAD", "FEE_BELOW_MINIMUM", "FEE_BELOW_MINIMUM"]);
  expect([two.operations.length, connection.status]).toEqual([0, "open"]);
  for (let nonce = 4; nonce < 6; nonce++)
    await call(connection, { kind: "submit", op: transferBytes(nonce) }).catch(() => null);
  await until(
    "it is shut out",
    () => count(two.network, "peers.SHUT_OUT") === 1 && connection.status !== "open",
  );
});

test("what an author has replaced, brought by anybody again and again, takes nothing of the author's rate", async () => {
  const two = await station({
    name: "two",
    limits: { authorPerSecond: 1e-9, authorBurst: 2 },
    handlers: {
      onOperation: ({ authority }, _, __, settle) => settle(authority!.nonce === 1 ? "waits" : "kept"),
    },
  });
  const connection = await connect(two);
  const codes: string[] = [];
  for (const nonce of [1, 1, 1, 2, 3, 4]) {
    const answer = await call(connection, { kind: "submit", op: transferBytes(nonce) });
    codes.push(answer?.kind === "verdict" ? answer.code : "?");
  }
  expect(codes).toEqual(["DUPLICATE", "DUPLICATE", "DUPLICATE", "ACCEPTED", "ACCEPTED", "AUTHOR_RATE"]);
});

test("a peer that asks too much at once is told to wait", async () => {
  const two = await station({ name: "two", limits: { syncRequests: 3 } });
  const connection = await connect(two);
  const kinds: string[] = [];
  for (let i = 0; i < 5; i++) {
    kinds.push((await call(connection, { kind: "genesis" }))?.kind ?? "?");
  }
  expect(kinds).toEqual(["genesis", "genesis", "genesis", "refused", "refused"]);
});

test("a seat has the places of one in the members' line, under whatever names it asks", async () => {
  const one = await station({ name: "one", seat: 0, handlers: { serveLog: () => new Promise(() => {}) } });
  const names = await Promise.all(["a", "b", "c"].map((name) => station({ name, seat: 1 })));
  for (const { network } of names) await network.dial(one.network.multiaddrs()[0]!);
  const proved = () => one.network.peers().filter(({ seat }) => seat === 1).length;
  await until("each name has proved the seat", () => proved() === 3);
  for (const { network } of names) {
    for (let i = 0; i < 3; i++)
      network.send([
        { to: "peer", peer: one.network.ref, message: { kind: "getLog", fromHeight: 1, max: 1 } },
      ]);
  }
  // Two are being made, and four wait.
  await until("the others are refused", () => count(one.network, "sync.BUSY") === 3);
});

test("who reads none of its answers is given no third one, and others are answered meanwhile", async () => {
  const served: number[] = [];
  const two = await station({
    name: "two",
    handlers: {
      serveLog: async (from) => {
        served.push(from);
        return new Uint8Array(from < 10 ? MAX_LOG_BYTES : 1);
      },
    },
  });
  const hoarder = await connect(two);
  const asked = (fromHeight: number) => ({ kind: "getLog" as const, fromHeight, max: 1 });
  for (let i = 1; i <= 3; i++) {
    const stream = await hoarder.newStream(SYNC);
    stream.pause();
    stream.send(frameOf(encode(syncQuestion, asked(i))));
  }
  await until("two answers lie unread", () => served.length === 2);
  const reader = await connect(two);
  for (let i = 10; i < 13; i++) expect((await call(reader, asked(i)))?.kind).toBe("log");
  await until("the third is refused", () => count(two.network, "sync.BUSY") === 1);
  expect(served).toEqual([1, 2, 10, 11, 12]);
});

test("a member that is behind is served, however many strangers wait for the log", async () => {
  const served: number[] = [];
  const [one, two] = await members(2, {
    serveLog: (fromHeight) => {
      served.push(fromHeight);
      const empty: QuorumMessage = { kind: "log", entries: [], descendants: [], cert: null };
      return fromHeight === 1 ? new Promise(() => {}) : Promise.resolve(encode(quorumMessage, empty));
    },
  });
  for (let i = 0; i < 9; i++) {
    const connection = await connect(one!);
    for (let k = 0; k < 4; k++)
      void call(connection, { kind: "getLog", fromHeight: 1, max: 1 }).catch(() => {});
  }
  await until("strangers are refused", () => count(one!.network, "sync.BUSY") > 0);
  two!.network.send([{ to: "seat", seat: 0, message: { kind: "getLog", fromHeight: 5, max: 64 } }]);
  await until("the member is served", () => two!.messages.some(({ message }) => message.kind === "log"));
  expect(served).toContain(5);
});

test("genesis is fetched by hash: another one is refused", async () => {
  const one = await station({ name: "one" });
  const address = one.network.multiaddrs()[0]!;
  expect(await fetchGenesis(address, chain)).toEqual(genesisBytes);
  const refusal = await fetchGenesis(address, market).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(NetworkRefusal);
  expect(refusal).toMatchObject({ code: "WRONG_CHAIN" });
  await expect(fetchGenesis("/ip4/127.0.0.1/tcp/1", chain)).rejects.toMatchObject({ code: "UNREACHABLE" });
});

test("a member that never reads costs a bounded queue, and the newest frames are what is kept", async () => {
  const limits = { memberQueueBytes: 1024 * 1024 };
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const heard: number[] = [];
  const slow = await station({
    name: "slow",
    seat: 1,
    seats: 2,
    handlers: {
      onMessage: (_from, _seat, message) => {
        if (message.kind === "getJustify") heard.push(message.from);
        return held;
      },
    },
  });
  const fast = await station({
    name: "fast",
    seat: 0,
    seats: 2,
    limits,
    join: [...slow.network.multiaddrs()],
  });
  await until("they are linked", () => fast.network.linkedSeats().length === 1);
  const filler: QuorumMessage = {
    kind: "justify",
    justifyHash: new Uint8Array(32),
    from: 0,
    total: 0,
    certs: Array.from({ length: 400 }, () => certificateOf(1)),
  };
  for (let i = 0; i < 400; i++) {
    fast.network.send([
      { to: "members", message: filler },
      { to: "members", message: { kind: "getJustify", justifyHash: new Uint8Array(32), from: i } },
    ]);
    if (i % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await until("frames are dropped", () => count(fast.network, "quorum.FRAMES_DROPPED") > 0);
  expect(fast.network.waitingBytes(1)).toBeLessThan(3 * 1024 * 1024);
  release();
  await until("the newest arrives", () => heard.at(-1) === 399);
  expect(heard.length).toBeLessThan(400);
});

test("stop leaves no socket, server or timer behind", async () => {
  const before = handles();
  const all = await members(3);
  all[0]!.network.send([{ to: "members", message: question(1) }]);
  await stopAll();
  await until("all handles are gone", () => handles() <= before);
});

const handles = (): number =>
  process.getActiveResourcesInfo().filter((name) => /TCP|Timeout|Immediate/.test(name)).length;

const logOf = (...heights: readonly number[]): QuorumMessage => ({
  kind: "log",
  entries: heights.map((one) => ({ header: headerOf(one), ops: [], justification: [], cert: null })),
  descendants: [],
  cert: null,
});
