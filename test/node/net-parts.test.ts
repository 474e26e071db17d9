// The parts of the network that need no socket: bounded memory, rates, priorities, and the address book.
import fc from "fast-check";
import { expect, test } from "vitest";
import { Conduct } from "../../node/net/conduct.js";
import { Counters } from "../../node/net/counters.js";
import { Door } from "../../node/net/door.js";
import { JudgingQueue } from "../../node/net/judging-queue.js";
import { KnownPeers } from "../../node/net/known-peers.js";
import { TOPIC_RULES } from "../../node/net/limits.js";
import { PendingPool } from "../../node/net/pending-pool.js";
import { RecentMap } from "../../node/net/recent-map.js";
import { proofDigest } from "../../node/net/seat-proof.js";
import { TokenBuckets } from "../../node/net/token-bucket.js";
import { Topics } from "../../node/net/topics.js";
import { toHex, utf8 } from "../../src/base/index.js";
import { taggedHash } from "../../src/crypto/index.js";

test("memory of the recent is bounded, and holds at least the latest half", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(200), { maxLength: 400 }), (keys) => {
      const map = new RecentMap<number>(32, 1e9, () => 0);
      for (const key of keys) map.set(`${key}`, key);
      expect(map.size).toBeLessThanOrEqual(32);
      const latest = [...new Set(keys.toReversed())].slice(0, 15);
      for (const key of latest) expect(map.get(`${key}`)).toBe(key);
    }),
  );
});

test("memory of the recent ends with its time", () => {
  let now = 0;
  const map = new RecentMap<number>(1000, 100, () => now);
  map.set("a", 1);
  now = 49;
  expect(map.get("a")).toBe(1);
  now = 250;
  expect(map.get("a")).toBeUndefined();
  expect(map.size).toBe(0);
});

test("a bucket grants its burst at once and its rate over time, to each key apart", () => {
  let now = 0;
  const buckets = new TokenBuckets(5, 20, () => now);
  const granted = (key: string, tries: number): number => {
    let count = 0;
    for (let i = 0; i < tries; i++) if (buckets.take(key)) count++;
    return count;
  };
  expect(granted("a", 100)).toBe(20);
  expect(granted("b", 1)).toBe(1);
  now = 2000;
  expect(granted("a", 100)).toBe(10);
});

/** A pool of ten places, two of an author; `add` tells who had to go, or null. */
function pendingPool() {
  const pool = new PendingPool<number>({ pending: 10, pendingPerAuthor: 2 });
  const add = (id: number, from: string, grounded = false, author: string | null = null) =>
    pool.add(`${id}`, { candidate: id, author, grounded, from, sinceMs: 0 });
  return { pool, add };
}

test("an author has so many places among the operations that wait, whoever relays them", () => {
  const { pool, add } = pendingPool();
  expect([add(1, "p", true, "x"), add(2, "q", true, "x"), add(3, "r", true, "x")]).toEqual([[], [], null]);
  pool.delete("1");
  expect(add(3, "r", true, "x")).toEqual([]);
  expect(pool.size).toBe(2);
});

test("a relaying peer may fill the pool of waiting operations, and gives back what others need", () => {
  const { pool, add } = pendingPool();
  for (let i = 0; i < 10; i++) expect(add(i, "first")).toEqual([]);
  expect(add(10, "first")).toBeNull();
  // The newest of the one with the most, until both have the same.
  for (let i = 0; i < 5; i++) expect(add(20 + i, "second")).toEqual([9 - i]);
  expect(add(30, "second")).toBeNull();
  expect(add(40, "third")).toEqual([4]);
  expect(pool.size).toBe(10);
});

test("however many relay garbage that waits, what the state knows of has a place", () => {
  const { pool, add } = pendingPool();
  for (let i = 0; i < 10; i++) add(i, `garbage ${i}`);
  for (let i = 0; i < 10; i++) expect(add(20 + i, "honest", true)).toHaveLength(1);
  expect(add(50, "garbage")).toBeNull();
  expect(add(51, "honest", true)).toBeNull();
  expect(pool.entries().every(([, { grounded }]) => grounded)).toBe(true);
});

/** A queue with room for so many judgements, of which one is under way until `finish` is called. */
function busyQueue(limits: { verifying: number; verifyingPerPeer: number }) {
  const queue = new JudgingQueue(limits);
  const served: string[] = [];
  const note = (name: string) => () => void served.push(name);
  let finish: () => void = () => undefined;
  const endless = () =>
    new Promise<void>((resolve) => {
      finish = resolve;
    });
  const drained = async (count: number) => {
    while (served.length < count) await new Promise((resolve) => setImmediate(resolve));
  };
  return { queue, served, note, endless, finish: () => finish(), drained };
}

test("evidence is served before finals, finals before operations, and a full queue turns the newest away", async () => {
  const { queue, served, note, endless, finish, drained } = busyQueue({ verifying: 1, verifyingPerPeer: 1 });
  queue.push("ops", "a", endless);
  for (const topic of ["ops", "final", "evidence", "ops"] as const) queue.push(topic, "a", note(topic));
  const { maxWaiting } = TOPIC_RULES.evidence;
  for (let i = 1; i < maxWaiting; i++)
    expect(queue.push("evidence", `peer ${i % 4}`, note("more"))).toBe(true);
  expect(queue.push("evidence", "another", note("too many"))).toBe(false);
  finish();
  await drained(maxWaiting + 3);
  expect(served.filter((name) => name !== "more")).toEqual(["evidence", "final", "ops", "ops"]);
  expect(served.slice(-3)).toEqual(["final", "ops", "ops"]);
});

test("a peer has a share of a topic's queue, and of what is judged at once", async () => {
  const { queue, served, note, endless, finish, drained } = busyQueue({ verifying: 8, verifyingPerPeer: 1 });
  const share = TOPIC_RULES.ops.maxWaiting / 4;
  queue.push("ops", "flooder", endless);
  for (let i = 0; i < share; i++) expect(queue.push("ops", "flooder", note("flood"))).toBe(true);
  expect(queue.push("ops", "flooder", note("flood"))).toBe(false);
  expect(queue.push("ops", "other", note("other"))).toBe(true);
  expect(served).toEqual(["other"]); // at once: the flooder's own wait for the flooder's own
  finish();
  await drained(share + 1);
});

test("peers are served in turn", async () => {
  const { queue, served, note, endless, finish, drained } = busyQueue({ verifying: 1, verifyingPerPeer: 1 });
  queue.push("ops", "a", endless);
  for (let i = 0; i < 3; i++) queue.push("ops", "a", note("a"));
  queue.push("ops", "b", note("b"));
  finish();
  await drained(4);
  expect(served).toEqual(["a", "b", "a", "a"]);
});

test("a debt of tokens is paid off over time", () => {
  let now = 0;
  const buckets = new TokenBuckets(1000, 5000, () => now);
  expect(buckets.spend("a", 5000)).toBe(0);
  expect(buckets.spend("a", 2000)).toBe(2000);
  expect(buckets.spend("b", 1)).toBe(0);
  now = 1500;
  expect(buckets.spend("a", 0)).toBe(500);
});

test("a message's id is the tagged hash of its topic and content", () => {
  const [chain, market] = [taggedHash("genesis", utf8("c")), taggedHash("market", utf8("m"))];
  const topics = new Topics(chain, market);
  const name = topics.nameOf("ops");
  expect(name).toBe(`/mabeam/1/${toHex(chain).slice(0, 16)}/${toHex(market).slice(0, 16)}/ops`);
  const data = utf8("data");
  expect(toHex(topics.idOf(name, data))).toBe(toHex(taggedHash("msg", utf8(name), data).subarray(0, 20)));
});

test("hearsay cannot take a peer's own address away, and a peer's own word replaces it", () => {
  const known = new KnownPeers("me", () => 0);
  known.note("a", ["/own"], 3, true);
  known.note("a", ["/1", "/2", "/3", "/4", "/5"], null, false);
  expect(known.get("a")).toMatchObject({ addresses: ["/own", "/1", "/2", "/3"], claimedSeat: 3 });
  known.note("a", ["/new"], null, true);
  expect(known.get("a")).toMatchObject({ addresses: ["/new"], claimedSeat: null });
  known.note("me", ["/me"], null, true);
  for (let i = 0; i < 3000; i++) known.note(`x${i}`, ["/x"], null, false);
  expect(known.get("me")).toBeUndefined();
  expect(known.size).toBeLessThanOrEqual(1024);
  known.note("member", ["/m"], 1, false);
  expect(known.get("a")).toBeDefined();
  expect(known.get("member")).toBeDefined();
  for (let i = 0; i < 10; i++) known.note(`claims ${i}`, ["/c"], 1, false);
  expect([...known.all()].filter((one) => one.claimedSeat === 1).length).toBe(4);
});

test("a peer that fails is tried ever more rarely, a member at least every few seconds", () => {
  const known = new KnownPeers("me", () => 0);
  known.note("member", ["/m"], 1, true);
  known.note("other", ["/o"], null, true);
  for (let i = 0; i < 20; i++) {
    known.failed("member");
    known.failed("other");
  }
  expect(known.get("member")!.nextDialMs).toBeLessThanOrEqual(6250);
  expect(known.get("other")!.nextDialMs).toBeGreaterThan(40_000);
  known.reached("other");
  expect(known.get("other")!.nextDialMs).toBe(0);
});

test("faults add up until a peer is shut out, and fade", () => {
  let now = 0;
  const conduct = new Conduct(() => now);
  for (let i = 0; i < 4; i++) expect(conduct.blame("p", null)).toBe(false);
  expect(conduct.score("p", null)).toBe(-40);
  expect(conduct.blame("p", null)).toBe(true);
  expect(conduct.blame("p", null)).toBe(false);
  expect(conduct.isShutOut("p")).toBe(true);
  expect(conduct.isShutOut("q")).toBe(false);
  now = 90_000;
  expect(conduct.isShutOut("p")).toBe(false);
});

test("faults count against the seat that was proved, under whatever peer's name", () => {
  const conduct = new Conduct(() => 0);
  for (let i = 0; i < 5; i++) {
    expect(conduct.isSeatShutOut(2)).toBe(false);
    expect(conduct.blame(`p${i}`, 2)).toBe(false);
  }
  expect([2, 3].map((seat) => conduct.isSeatShutOut(seat))).toEqual([true, false]);
  expect([conduct.score("p0", 2), conduct.score("q", 2), conduct.score("q", null)]).toEqual([-5, 5, 0]);
});

test("where all others are one too many, a host that is named or proved a seat has a little beside them", () => {
  const counters = new Counters();
  const named = "/ip4/9.9.9.9/tcp/1";
  const limits = { acceptsPerSecond: 1, acceptsBurst: 3 };
  const door = new Door({ join: [`${named}/p2p/p`], loopback: true, limits, counters, steadyMs: () => 0 });
  const comes = (host: string) => door.isCrowded(`/ip4/${host}/tcp/1`);
  expect([1, 2, 3, 4].map((i) => comes(`1.1.1.${i}`))).toEqual([false, false, false, true]);
  expect(comes("7.7.7.7")).toBe(true);
  door.proved(0, "/ip4/7.7.7.7/tcp/5");
  for (const host of ["7.7.7.7", "9.9.9.9"]) {
    expect([1, 2, 3, 4, 5].map(() => comes(host))).toEqual([false, false, false, false, true]);
  }
  expect(counters.get("peers", "TOO_MANY_ARRIVALS")).toBe(4);
  const others = ["/ip4/127.0.0.1/tcp/1", named, `${named}/p2p/q`, "/ip4/8.8.8.8/tcp/1"];
  expect(others.map((one) => door.mayDial(one))).toEqual([true, true, true, false]);
  door.name("/ip4/8.8.8.8/tcp/1");
  expect(others.map((one) => door.mayDial(one))).toEqual([true, true, true, true]);
});

test("labels of counters are bounded whatever codes are invented", () => {
  const counters = new Counters();
  for (let i = 0; i < 1000; i++) counters.add("ops", `CODE_${i}`);
  const counts = counters.snapshot();
  expect(Object.keys(counts).length).toBeLessThanOrEqual(257);
  expect(Object.values(counts).reduce((sum, one) => sum + one, 0)).toBe(1000);
});

test("a proof is another one for any other role, network, end, seat or nonce", () => {
  const part = (n: number): Uint8Array => new Uint8Array(32).fill(n);
  const context = {
    chain: part(1),
    market: part(2),
    openerPeer: part(3),
    responderPeer: part(4),
    openerKey: part(5),
    responderKey: part(6),
    openerNonce: part(7),
    responderNonce: part(8),
  };
  const digests = new Set([toHex(proofDigest("opener", context)), toHex(proofDigest("responder", context))]);
  for (const name of Object.keys(context)) {
    digests.add(toHex(proofDigest("opener", { ...context, [name]: part(9) })));
  }
  expect(digests.size).toBe(10);
});
