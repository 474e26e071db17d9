// The table “Bad input”, row “a peer”, at running nodes: whatever strangers and one Byzantine member send is refused
// with a code and counted, its sender is shut out, and the network goes on as if nothing were.
import type { Connection } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { agentKey } from "../../node/crypto/signer.js";
import { ask } from "../../node/net/call.js";
import { FrameStream, frameOf } from "../../node/net/frame-stream.js";
import { LOOPBACK_LIMITS, Network } from "../../node/net/index.js";
import { transportKeyOf } from "../../node/net/peer-key.js";
import { proveAsOpener } from "../../node/net/seat-proof.js";
import { hello, type SyncQuestion, statusMessage, syncAnswer, syncQuestion } from "../../node/net/wire.js";
import type { PeerNode } from "../../node/peer-node.js";
import { type Bytes, decode, encode, equalBytes, type Hash, toHex, utf8 } from "../../src/index.js";
import { conservation } from "../../src/ledger/index.js";
import {
  commitOf,
  encodeOperation,
  type Operation,
  type OperationBody,
  SLASHES,
  signOperation,
} from "../../src/market/index.js";
import {
  type QuorumMessage,
  quorumMessage,
  type Vote,
  voteDigest,
  voteDomain,
} from "../../src/quorum/index.js";
import { headerOf, quiet, stopAll, stranger } from "../node/net-fixture.js";
import { eventually } from "./eventually.js";
import { credits, HostedNetwork } from "./network.js";

const QUORUM = "/mabeam/1/quorum";
const SYNC = "/mabeam/1/sync";
const STATUS = "/mabeam/1/status";

/** Three honest members in this process; the fourth seat is the adversary's. */
let network: HostedNetwork;
let target: PeerNode;
const evilSeat = agentKey(new Uint8Array(32).fill(66));

beforeAll(async () => {
  network = await HostedNetwork.start({ name: "hostile", seats: 3, otherSeats: [evilSeat.publicKey] });
  target = network.front;
});

afterAll(async () => {
  await stopAll();
  await network.stop();
});

const count = (label: string, node = target): number => node.counters()[label] ?? 0;
const counted = (label: string, by: number, before: number) =>
  eventually(`${label} is counted`, () => count(label) >= before + by);

async function connect(to = target): Promise<Connection> {
  return (await stranger()).dial(multiaddr(to.multiaddrs()[0]!));
}

let adversaries = 0;
/** Gossip without a judge: a network of ours that publishes whatever it is given, as a peer with or without the seat. */
async function adversary(role: { seat: boolean; chain?: Hash; heard?: QuorumMessage[] }): Promise<Network> {
  const own = await Network.start({
    peerKey: network.seed(`adversary ${adversaries++}`),
    listen: ["/ip4/127.0.0.1/tcp/0"],
    join: network.nodes.map((one) => one.multiaddrs()[0]!),
    chain: role.chain ?? network.chain,
    market: network.market,
    loopback: true,
    maxValidityMs: 3_600_000,
    role: { consensusSigner: role.seat ? evilSeat : null, electorate: target.peer.electorate },
    maxConnections: 12,
    limits: LOOPBACK_LIMITS,
    log: quiet,
    verifier: network.verifier,
    handlers: {
      onMessage: (_from, _seat, message) => void role.heard?.push(message),
      onOperation: (_operation, _bytes, _from, settle) => settle("kept"),
      onFinal: () => true,
      judgeOperation: () => ({ kind: "accept" }),
      judgeFinal: () => "accept",
      judgeEvidence: () => "accept",
      onConnected: () => undefined,
      onDisconnected: () => undefined,
      serveLog: async () => utf8("no log"),
      onLogPruned: () => undefined,
      snapshot: async () => null,
      snapshotRows: async () => null,
      faucet: null,
      genesis: () => utf8("no genesis"),
      height: () => Number.MAX_SAFE_INTEGER,
      finalProof: () => null,
    },
    wallMs: Date.now,
  });
  open.push(own);
  return own;
}
const open: Network[] = [];
afterAll(() => Promise.all(open.map((one) => one.stop())));

const author = () => network.rival;
/** Signed for this network unless a change says otherwise; far from any nonce that tests use in earnest. */
function operation(body: OperationBody, change: Partial<Operation> = {}, nonce = 40): Bytes {
  const authority = { nonce, fee: 1000n, validUntilMs: Date.now() + 600_000 };
  const { chain, market } = network;
  return encodeOperation({ ...signOperation({ chain, market }, authority, body, author()), ...change });
}
const transfer = (change: Partial<Operation> = {}, nonce = 40): Bytes =>
  operation({ kind: "transfer", to: network.creator.publicKey, amount: 1n }, change, nonce);

/** A map in a map, 5,000 deep. */
const deep = (): Bytes => {
  const bytes = new Uint8Array(10_001);
  for (let i = 0; i < 10_000; i += 2) bytes.set([0xa1, 0x00], i);
  return bytes;
};
/** The same with its first length written longer than need be. */
const longer = (bytes: Bytes): Bytes =>
  Uint8Array.of((bytes[0]! & 0xe0) | 0x18, bytes[0]! & 0x1f, ...bytes.subarray(1));

async function stillTrades(): Promise<void> {
  const from = target.peer.tip.height;
  await eventually("the log grows", () => network.nodes.every((one) => one.peer.tip.height > from + 1));
  for (const { peer } of network.nodes) expect(peer.halted).toBe(null);
}

describe("bytes that are no message", () => {
  test.each([
    [SYNC, "sync"],
    [STATUS, "status"],
    [QUORUM, "quorum"],
  ] as const)(
    "on %s: oversized, truncated, nested, not canonical, of another kind",
    async (protocol, part) => {
      const valid: Record<string, Bytes> = {
        [SYNC]: encode(syncQuestion, { kind: "genesis" }),
        [STATUS]: statusOf({}),
        [QUORUM]: encode(hello, { key: evilSeat.publicKey, nonce: new Uint8Array(32) }),
      };
      const undecodable = part === "quorum" ? "BAD_HANDSHAKE" : null;
      const cases: readonly (readonly [code: string, frame: Bytes])[] = [
        ["OVERSIZE", Uint8Array.of(0xff, 0xff, 0xff, 0xff, 1, 2, 3)],
        ["TRUNCATED", Uint8Array.of(0, 0, 0, 200, 1, 2)],
        [undecodable ?? "NOT_CANONICAL", frameOf(longer(valid[protocol]!))],
        [undecodable ?? "WRONG_TYPE", frameOf(utf8("what is this"))],
        [undecodable ?? "TRAILING", frameOf(Uint8Array.of(...valid[protocol]!, 0))],
      ];
      for (const [code, bytes] of cases) {
        const before = count(`${part}.${code}`);
        const stream = await (await connect()).newStream(protocol);
        stream.send(bytes);
        await stream.close().catch(() => undefined);
        await counted(`${part}.${code}`, 1, before);
      }
      const refusals = () =>
        Object.entries(target.counters()).reduce(
          (sum, [name, n]) => (name.startsWith(part) ? sum + n : sum),
          0,
        );
      const before = refusals();
      const stream = await (await connect()).newStream(protocol);
      stream.send(frameOf(deep()));
      await eventually("what is nested is refused", () => refusals() > before);
      await stillTrades();
    },
  );

  test.each(["ops", "final", "evidence"] as const)("on the topic %s", async (topic) => {
    const cases: readonly (readonly [code: string, bytes: Bytes])[] = [
      ["OVERSIZE", new Uint8Array(65 * 1024)],
      ["TRUNCATED", transfer().subarray(0, 50)],
      ["WRONG_TYPE", utf8("not an operation at all")],
    ];
    for (const [code, bytes] of cases) {
      // A bundle that holds too much is none that a peer can make: see `test/node/bundle.test.ts`.
      if (topic === "ops" && code === "OVERSIZE") continue;
      const relayer = await adversary({ seat: false });
      await eventually("its mesh has formed", () => relayer.meshSize(topic) > 0);
      const label = topic === "final" && code === "TRUNCATED" ? "final.WRONG_TYPE" : `${topic}.${code}`;
      const total = () => network.nodes.reduce((sum, node) => sum + count(label, node), 0);
      const before = total();
      relayer.publish(topic, bytes);
      await eventually(label, () => total() > before);
      await relayer.stop();
    }
    await stillTrades();
  });

  test("a peer that goes on with it is shut out, and let in again by nobody", async () => {
    const before = count("peers.SHUT_OUT");
    const host = await stranger();
    const connection = await host.dial(multiaddr(target.multiaddrs()[0]!));
    for (let i = 0; i < 8 && connection.status === "open"; i++) {
      const stream = await connection.newStream(SYNC).catch(() => null);
      stream?.send(frameOf(utf8("what is this")));
      await stream?.close().catch(() => undefined);
    }
    await counted("peers.SHUT_OUT", 1, before);
    await eventually("its connection is closed", () => connection.status !== "open");
    const again = await host.dial(multiaddr(target.multiaddrs()[0]!)).catch(() => null);
    await eventually("it stays out", () => again === null || again.status !== "open");
  });
});

function statusOf(change: { chain?: Hash; market?: Hash }): Bytes {
  const { chain, market } = network;
  return encode(statusMessage, {
    v: 2,
    chain,
    market,
    final: null,
    seatKey: null,
    addresses: [],
    known: [],
    ...change,
  });
}

describe("operations that are not for this network, or not by their sender", () => {
  test("a peer of another chain or market is told so and let go", async () => {
    for (const [code, change] of [
      ["WRONG_CHAIN", { chain: network.market }],
      ["WRONG_MARKET", { market: network.chain }],
    ] as const) {
      const before = count(`status.${code}`);
      await ask(await connect(), STATUS, statusOf(change), 65536).catch(() => undefined);
      await counted(`status.${code}`, 1, before);
    }
  });

  test("handed over directly, each is refused by its code, and money stays where it is", async () => {
    const auction = await network.openAuction({ commitMs: 20_000 });
    await network.bid(network.rival, auction, credits(7));
    const rival = toHex(network.rival.publicKey);
    const commit = await eventually(
      "the bid is final",
      () => commitOf(target.peer.ledger, auction, rival) ?? undefined,
    );
    const { chain, market } = network;
    const own = agentKey(network.seed("nobody"));
    const authority = { nonce: 1, fee: 1000n, validUntilMs: Date.now() + 600_000 };
    const copied = {
      kind: "commit",
      auction,
      commitment: commit.commitment,
      lockup: commit.lockup,
      recovery: commit.recovery,
    } as const;
    const reveal = {
      kind: "reveal",
      auction,
      bidder: network.rival.publicKey,
      bid: { amount: 1n, units: null },
      salt: new Uint8Array(32),
    } as const;
    const { free } = target.peer.ledger.accountOf(network.rival.publicKey)!;
    const cases: readonly (readonly [code: string, op: Bytes])[] = [
      ["WRONG_CHAIN", transfer({ chain: market })],
      ["WRONG_MARKET", transfer({ market: chain })],
      ["BAD_SIGNATURE", transfer({ sig: new Uint8Array(64) })],
      ["NONCE_NOT_NEXT", transfer({}, 4000)],
      [
        "EXPIRED",
        encodeOperation(
          signOperation({ chain, market }, { ...authority, validUntilMs: 1 }, copied, author()),
        ),
      ],
      [
        "VALID_TOO_LONG",
        encodeOperation(
          signOperation({ chain, market }, { ...authority, validUntilMs: 2 ** 50 }, copied, author()),
        ),
      ],
      // A commit that another signed, in one's own name: no account, no lock, and no power over the commitment.
      ["ACCOUNT_UNKNOWN", encodeOperation(signOperation({ chain, market }, authority, copied, own))],
      [
        "REVEAL_TOO_EARLY",
        encodeOperation({ v: 1, chain, market, authority: null, body: reveal, sig: null }),
      ],
      ["WRONG_TYPE", utf8("not an operation")],
    ];
    for (const [code, op] of cases) {
      expect([code, await submit(op)]).toEqual([code, code]);
    }
    expect(target.peer.ledger.accountOf(network.rival.publicKey)!.free).toBe(free);
    await stillTrades();
  });

  test("replayed operations change nothing: of a thousand copies one counts", async () => {
    const nonce = target.peer.ledger.accountOf(network.rival.publicKey)!.nonces.bulk;
    const { free } = target.peer.ledger.accountOf(network.creator.publicKey)!;
    const op = transfer({}, nonce);
    expect(await submit(op)).toBe("ACCEPTED");
    await eventually(
      "it is final",
      () => target.peer.ledger.accountOf(network.creator.publicKey)!.free === free + 1n,
    );
    const connection = await connect();
    for (let i = 0; i < 20; i++)
      expect(["DUPLICATE", "NONCE_NOT_NEXT"]).toContain(await submit(op, connection));
    const relayer = await adversary({ seat: false });
    await eventually("its mesh has formed", () => relayer.meshSize("ops") > 0);
    for (let i = 0; i < 1000; i++) relayer.publish("ops", op);
    await stillTrades();
    expect(target.peer.ledger.accountOf(network.creator.publicKey)!.free).toBe(free + 1n);
    expect(target.peer.ledger.accountOf(network.rival.publicKey)!.nonces.bulk).toBe(nonce + 1);
    await relayer.stop();
  });

  async function submit(op: Bytes, over?: Connection): Promise<string> {
    const asked: SyncQuestion = { kind: "submit", op };
    const bytes = await ask(over ?? (await connect()), SYNC, encode(syncQuestion, asked), 65536);
    const answer = decode(syncAnswer, bytes, 65536);
    return answer.ok && answer.value.kind === "verdict" ? answer.value.code : "?";
  }
});

describe("a member that has proved its seat and lies", () => {
  const seatOfEvil = () => target.peer.electorate.seatOf(evilSeat.publicKey)!;
  const FAR = 2 ** 50;

  function voteFor(change: Partial<Vote>, signed = true): Vote {
    const { electorate } = target.peer;
    const { epoch } = electorate.set;
    const vote = {
      type: "ack" as const,
      epoch,
      setHash: electorate.setHash,
      term: target.peer.voter.term,
      entryId: new Uint8Array(32).fill(7),
      signer: seatOfEvil(),
      sig: new Uint8Array(64),
      ...change,
    };
    if (!signed) return vote;
    const domain = voteDomain(electorate, network.chain, network.market);
    return { ...vote, sig: evilSeat.sign(voteDigest(domain, vote.type, vote.term, vote.entryId)) };
  }

  test("bad bytes on its proven stream cost it the stream", async () => {
    const { chain, market, verifier } = network;
    const { electorate } = target.peer;
    const prover = { chain, market, verifier, signer: evilSeat, role: { electorate } };
    const valid = encode(quorumMessage, { kind: "getStatus", nonce: new Uint8Array(16) });
    for (const [code, frame] of [
      ["NOT_CANONICAL", frameOf(longer(valid))],
      ["TRAILING", frameOf(Uint8Array.of(...valid, 0))],
      ["OVERSIZE", Uint8Array.of(0x7f, 0, 0, 0)],
    ] as const) {
      const before = count(`quorum.${code}`);
      const host = await stranger();
      const connection = await host.dial(multiaddr(target.multiaddrs()[0]!));
      const frames = new FrameStream(await connection.newStream(QUORUM), 65536);
      const [own, theirs] = [transportKeyOf(host.peerId), transportKeyOf(connection.remotePeer)];
      await proveAsOpener(frames, prover, own!, theirs!);
      frames.stream.send(frame);
      await counted(`quorum.${code}`, 1, before);
      await eventually("its stream is cut", () => frames.stream.status !== "open");
    }
    await stillTrades();
  });

  test("is refused by a code for each lie, remembered without bound by nobody, and at last shut out", async () => {
    const evil = await adversary({ seat: true });
    await eventually("it is linked", () => evil.linkedSeats().length === 3);
    const tell = (message: QuorumMessage): void => evil.send([{ to: "members", message }]);
    const sheets = target.peer.voter.sheets.size;
    const heapBefore = heap();

    // Far ahead of the term: no fault, no memory.
    const ahead = count("quorum.TERM_AHEAD");
    for (let i = 0; i < 2000; i++) {
      tell({ kind: "vote", vote: voteFor({ term: FAR + i }) });
      if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await counted("quorum.TERM_AHEAD", 1500, ahead);
    expect(target.peer.voter.sheets.size).toBeLessThan(sheets + 200);
    expect(heap() - heapBefore).toBeLessThan(128 * 1024 * 1024);

    // An answer that nobody asked for: no fault either.
    const unasked = count("quorum.UNASKED");
    const header = { ...headerOf(1), term: target.peer.voter.term + 9 };
    tell({ kind: "entry", entry: { header, ops: [], leaderSig: new Uint8Array(64) } });
    await counted("quorum.UNASKED", 1, unasked);
    expect(evil.linkedSeats().length).toBe(3);

    const shutOut = count("peers.SHUT_OUT");
    const lies: readonly (readonly [code: string, message: QuorumMessage])[] = [
      ["WRONG_SET", { kind: "vote", vote: voteFor({ setHash: network.market }) }],
      ["BAD_SIGNATURE", { kind: "vote", vote: voteFor({ signer: (seatOfEvil() + 1) % 4 }, false) }],
      ["NOT_A_SEAT", { kind: "vote", vote: voteFor({ signer: 9 }) }],
    ];
    for (const [code, message] of lies) {
      const before = count(`quorum.${code}`);
      tell(message);
      await counted(`quorum.${code}`, 1, before);
    }
    const bad = count("quorum.BAD_CERTIFICATE");
    const { voter, electorate } = target.peer;
    const forged = {
      type: "commit" as const,
      epoch: 0,
      setHash: electorate.setHash,
      term: voter.term,
      entryId: new Uint8Array(32).fill(9),
      signers: [0, 1, 2],
      sigs: [1, 2, 3].map((n) => new Uint8Array(64).fill(n)),
    };
    tell({ kind: "cert", cert: forged });
    await counted("quorum.BAD_CERTIFICATE", 1, bad);
    tell({ kind: "cert", cert: { ...forged, term: forged.term + 1 } });
    tell({ kind: "cert", cert: { ...forged, term: forged.term + 2 } });
    await counted("peers.SHUT_OUT", 1, shutOut);
    await eventually("nobody is linked to it", () => evil.linkedSeats().length === 0);
    await evil.stop();
    await stillTrades();
    // It signed two different votes in no term: nothing of this costs its bond.
    expect(target.peer.ledger.table(SLASHES).size).toBe(0);
  });

  test("its seat stays shut out under another peer's name", async () => {
    const before = count("quorum.SEAT_SHUT_OUT");
    const again = await adversary({ seat: true });
    await counted("quorum.SEAT_SHUT_OUT", 1, before);
    expect(target.connections().some((one) => one.ref === again.ref && one.seat !== null)).toBe(false);
    await again.stop();
    await stillTrades();
  });
});

test("a peer that serves a false log to one that catches up is found out, and the truth is asked of another", async () => {
  const liar = await adversary({ seat: false });
  const late = await network.open(9, {
    name: "late",
    consensusSeed: null,
    agents: [],
    join: [liar.multiaddrs()[0]!, network.address],
  });
  await eventually("it has caught up", () => late.peer.tip.height >= target.peer.tip.height - 2);
  await eventually("it has asked the liar as well", () => count("sync.BAD_ANSWER", late) > 0);
  expect(equalBytes(late.peer.ledger.network.chain, network.chain)).toBe(true);
  expect(late.peer.halted).toBe(null);
  await late.stop();
  await liar.stop();
});

test("after all that, books balance, nobody honest was shut out by another, and labels are few", async () => {
  const [first, ...others] = network.nodes;
  await eventually("all stand at one height", () =>
    others.every((one) => one.peer.tip.height === first!.peer.tip.height),
  );
  for (const node of network.nodes) {
    expect(node.connections().filter((one) => one.seat !== null).length).toBeGreaterThanOrEqual(2);
    expect(Object.keys(node.counters()).length).toBeLessThan(100);
    expect(conservation(node.peer.ledger).holds).toBe(true);
  }
});

const heap = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};
