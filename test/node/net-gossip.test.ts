// Gossip over real sockets: what is good reaches everybody once, what is bad is refused with a code.
import { afterEach, expect, test } from "vitest";
import { agentKey } from "../../node/crypto/signer.js";
import { encode, utf8 } from "../../src/base/index.js";
import { encodeOperation } from "../../src/market/index.js";
import { type QuorumMessage, quorumMessage } from "../../src/quorum/index.js";
import {
  certificateOf,
  chain,
  headerOf,
  market,
  type Station,
  seedOf,
  station,
  stopAll,
  transfer,
  transferBytes,
  until,
} from "./net-fixture.js";

afterEach(stopAll);

const wide = { authorPerSecond: 1000, authorBurst: 1000 };

async function ring(count: number, limits = wide): Promise<Station[]> {
  const first = await station({ name: "0", limits });
  const others = Array.from({ length: count - 1 }, (_, i) =>
    station({ name: `${i + 1}`, join: [...first.network.multiaddrs()], limits }),
  );
  const all = [first, ...(await Promise.all(others))];
  await until("every mesh has formed", () => all.every((one) => one.network.meshSize("ops") >= 2));
  return all;
}

async function pair(right: Parameters<typeof station>[0]): Promise<[Station, Station]> {
  const two = await station(right);
  const one = await station({ name: "left", join: [...two.network.multiaddrs()] });
  await until(
    "the mesh has formed",
    () => one.network.meshSize("ops") === 1 && two.network.meshSize("ops") === 1,
  );
  return [one, two];
}

test("every operation reaches every peer once", async () => {
  const all = await ring(7);
  for (let nonce = 0; nonce < 30; nonce++) all[nonce % 7]!.network.publish("ops", transferBytes(nonce));
  await until("everybody has the others' operations", () =>
    all.every((one, i) => one.operations.length >= 30 - [5, 5, 4, 4, 4, 4, 4][i]!),
  );
  for (const [i, one] of all.entries()) {
    const nonces = one.operations.map((operation) => operation.authority!.nonce).sort((a, b) => a - b);
    expect(nonces).toEqual(
      Array.from({ length: 30 }, (_, nonce) => nonce).filter((nonce) => nonce % 7 !== i),
    );
    expect(one.network.peers().every((peer) => peer.score >= 0)).toBe(true);
  }
});

test("peers of one machine share an address, and one that other machines can reach still trades with them all", async () => {
  const open = await station({ name: "open", limits: wide, options: { loopback: false } });
  const others = await Promise.all(
    Array.from({ length: 6 }, (_, i) =>
      station({ name: `local ${i}`, join: [...open.network.multiaddrs()], limits: wide }),
    ),
  );
  await until("all have met it", () => open.connected.size === 6);
  await new Promise((resolve) => setTimeout(resolve, 2500)); // two heartbeats: each judges all by their scores
  expect(open.network.peers().map((peer) => peer.score >= 0)).toEqual(others.map(() => true));
  await until("it is in a mesh with some", () => open.network.meshSize("ops") >= 3);
});

test("a bad signature is refused, and its relayer's score falls below the gray list after three", async () => {
  const [one, two] = await pair({ name: "right", limits: wide });
  const sig = new Uint8Array(64).fill(1);
  for (let nonce = 0; nonce < 3; nonce++) {
    one.network.publish("ops", transferBytes(nonce, { sig }));
    await new Promise((resolve) => setTimeout(resolve, 20)); // longer than a bundle gathers
  }
  await until("three are refused", () => two.network.counters()["ops.BAD_SIGNATURE"] === 3);
  await until("the score has fallen", () => two.network.peers()[0]!.score < -160);
  one.network.publish("ops", transferBytes(9));
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(two.operations).toEqual([]);
});

test("bytes that are not an operation of this market are refused by what is wrong with them", async () => {
  const [one, two] = await pair({ name: "right" });
  const good = transferBytes(1);
  const bad: readonly [code: string, bytes: Uint8Array][] = [
    ["ops.TRUNCATED", good.subarray(0, good.length - 1)],
    ["ops.TRAILING", Uint8Array.of(...good, 0)],
    ["ops.WRONG_TYPE", utf8("not an operation at all")],
    ["ops.NOT_CANONICAL", Uint8Array.of(0xb8, 6, ...good.subarray(1))],
    ["ops.WRONG_CHAIN", transferBytes(1, { chain: market })],
    ["ops.WRONG_MARKET", transferBytes(1, { market: chain })],
  ];
  // Each by its own refusal; after three the relayer is no longer heard, so it is a fresh one each time.
  for (const [i, [code, bytes]] of bad.entries()) {
    const relayer = await station({ name: `relayer ${i}`, join: [...two.network.multiaddrs()] });
    await until("the relayer is heard", () => relayer.network.meshSize("ops") > 0);
    relayer.network.publish("ops", bytes);
    await until(code, () => two.network.counters()[code] === 1);
    await relayer.network.stop();
  }
  one.network.publish("ops", good);
  await until("the good one arrives", () => two.operations.length === 1);
});

test("what only state forbids waits for state and blames nobody", async () => {
  let known = false;
  const [one, two] = await pair({
    name: "right",
    handlers: {
      judgeOperation: () =>
        known ? { kind: "accept" } : { kind: "later", code: "UNKNOWN_ACCOUNT", grounded: false },
    },
  });
  one.network.publish("ops", transferBytes(1));
  await until("it waits", () => two.network.counters()["ops.UNKNOWN_ACCOUNT"] === 1);
  two.network.recheck();
  expect(two.operations).toEqual([]);
  known = true;
  two.network.recheck();
  await until("it is admitted", () => two.operations.length === 1);
  expect(two.network.peers()[0]!.score).toBeGreaterThanOrEqual(0);
});

test("an author is held to a rate, and garbage in its name does not use it up", async () => {
  const [one, two] = await pair({ name: "right", limits: { authorPerSecond: 0.001, authorBurst: 2 } });
  const sig = new Uint8Array(64).fill(1);
  for (const nonce of [0, 1]) {
    one.network.publish("ops", transferBytes(nonce, { sig }));
    await until("it is refused", () => two.network.counters()["ops.BAD_SIGNATURE"] === nonce + 1);
  }
  for (let nonce = 2; nonce < 6; nonce++) one.network.publish("ops", transferBytes(nonce));
  await until("the rest is judged", () => two.network.counters()["ops.AUTHOR_RATE"] === 2);
  expect(two.operations.length).toBe(2);
  const other = transfer(1, {}, agentKey(seedOf("another author")));
  one.network.publish("ops", encodeOperation(other));
  await until("another author is heard", () => two.operations.length === 3);
});

test("operations that are expired or valid for too long are passed over", async () => {
  const [one, two] = await pair({ name: "right", options: { wallMs: () => Date.now() + 1_200_000 } });
  one.network.publish("ops", transferBytes(1));
  await until("it is expired", () => two.network.counters()["ops.EXPIRED"] === 1);
  const [three, four] = await pair({ name: "early", options: { wallMs: () => 0 } });
  three.network.publish("ops", transferBytes(1));
  await until("it is too early", () => four.network.counters()["ops.VALID_TOO_LONG"] === 1);
});

test("a final header is handed over once judged, and anything else on its topic is refused", async () => {
  const seen: number[] = [];
  const [one, two] = await pair({
    name: "right",
    handlers: {
      judgeFinal: (message) => {
        seen.push(message.header.height);
        return message.header.height === 1 ? "accept" : "reject";
      },
    },
  });
  one.network.publish("final", encode(quorumMessage, finalOf(1)));
  await until("it is handed over", () => two.messages.length === 1);
  expect(two.messages[0]).toMatchObject({ seat: null, message: { kind: "final" } });
  one.network.publish("final", encode(quorumMessage, finalOf(2)));
  await until("a false one is refused", () => two.network.counters()["final.FINAL_REFUSED"] === 1);
  one.network.publish("final", encode(quorumMessage, { kind: "getStatus", nonce: new Uint8Array(16) }));
  await until("another kind is refused", () => two.network.counters()["final.WRONG_KIND"] === 1);
  expect(two.messages.length).toBe(1);
});

const finalOf = (height: number): QuorumMessage => ({
  kind: "final",
  header: headerOf(height),
  cert: certificateOf(height),
});
