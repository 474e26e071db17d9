// Scenarios 42 and 46 of PROTOCOL §5.2, on running members: floods of forgeries, and floods that are paid for.
import { afterAll, beforeAll, expect, test } from "vitest";
import { LANE_LIMITS } from "../../node/driver/event-queue.js";
import { LOOPBACK_LIMITS, MAX_GOSSIP_FRAME_BYTES } from "../../node/net/limits.js";
import { Topics } from "../../node/net/topics.js";
import { fromHex } from "../../src/base/index.js";
import { encodeOperation, signOperation } from "../../src/ledger/index.js";
import { Flood, type FloodTarget } from "../../testnet/attack/flood.js";
import { gossipFrame, message } from "../../testnet/attack/raw-gossip.js";
import { openLine, push, rawHost } from "../../testnet/attack/raw-host.js";
import { byTurns, medianPair } from "../../testnet/bench/pairs.js";
import type { TargetState } from "../../testnet/bench/phases/flood-target.js";
import { planTestnet } from "../../testnet/plan.js";
import { eventually } from "../e2e/eventually.js";
import { type Arena, grown, since, startArena } from "./arena.js";

const PER_SECOND = 5000;
const SEATS = 4;
const LOAD = { ms: 2000, clients: 16 };
/** What the members' queues, and gossip's, may hold of a flood that has nothing to do with what is honest. */
const MAX_GROWTH_BYTES =
  SEATS * (LANE_LIMITS.operation.bytes + LANE_LIMITS.peer.bytes + 16 * MAX_GOSSIP_FRAME_BYTES);

let arena: Arena;
let target: FloodTarget;
let undisturbed: { rssBytes: number };

beforeAll(async () => {
  arena = startArena();
  target = await arena.do("target", null);
  await arena.do("trade", LOAD);
  undisturbed = await arena.do("trade", LOAD);
});
afterAll(() => arena.close());

const shutOut = async (before: TargetState): Promise<number> =>
  since(before, await arena.do("state", null), "peers.SHUT_OUT");

test("scenario 42: under 5,000 invalid signatures per s from one peer, which comes back, 80 % becomes final", async () => {
  const before = await arena.do("state", null);
  const rate = async (): Promise<number> => (await arena.do("trade", LOAD)).operations;
  const flooded = async (): Promise<number> => {
    const flood = new Flood({ target, peers: 1, perSecond: PER_SECOND, comesBack: true });
    await flood.start();
    const operations = await rate();
    const report = await flood.stop();
    expect(report.sent).toBeGreaterThan(1000);
    return operations;
  };
  const { ours, limit } = medianPair(await byTurns(3, flooded, rate));
  await eventually("it was shut out", async () => (await shutOut(before)) > 0);
  expect(ours / limit).toBeGreaterThanOrEqual(0.8);
  expect((await arena.do("state", null)).rssBytes - undisturbed.rssBytes).toBeLessThan(MAX_GROWTH_BYTES);
});

test("scenario 42: 50 peers that flood are shut out one and all, and honest operations become final", async () => {
  const before = await arena.do("state", null);
  const flood = new Flood({ target, peers: 50, perSecond: PER_SECOND, comesBack: false });
  await flood.start();
  await eventually("every one of them is cut off", () => flood.report.standing === 0, 50_000);
  const after = await arena.do("state", null);
  expect(since(before, after, "peers.SHUT_OUT")).toBeGreaterThan(0);
  // Of the flood, no more was judged than the first faults of each and what was under judgement beside them.
  expect(since(before, after, "ops.BAD_SIGNATURE")).toBeLessThanOrEqual(
    50 * (5 + LOOPBACK_LIMITS.verifyingPerPeer),
  );
  const calm = await arena.do("trade", LOAD);
  await flood.stop();
  expect(calm.operations).toBeGreaterThan(0);
  expect(grown(before, await arena.do("state", null))).toBe(true);
  expect(calm.rssBytes - undisturbed.rssBytes).toBeLessThan(MAX_GROWTH_BYTES);
});

test("scenario 46: funded accounts that flood, leave gaps or pay nothing do not keep an honest bid from its end", async () => {
  const before = await arena.do("state", null);
  const { agentPlans } = planTestnet({ peers: SEATS, quorum: SEATS, agents: 33, seed: 1 });
  const [chain, market] = [fromHex(target.chain)!, fromHex(target.market)!];
  const topic = new Topics(chain, market).nameOf("ops");
  const operation = (place: number, nonce: number, fee: bigint) =>
    encodeOperation(
      signOperation(
        { chain, market },
        { nonce, fee, validUntilMs: Date.now() + 60_000 },
        { kind: "transfer", to: chain, amount: 1n },
        agentPlans[place]!.key,
      ),
    );
  // Agents that the auction does not need: every nonce of the window, gaps alone, and no fee.
  const kinds = [
    Array.from({ length: 8 * 64 }, (_, i) => operation(16 + (i % 8), Math.floor(i / 8), 100_000n)),
    Array.from({ length: 4 * 32 }, (_, i) => operation(24 + (i % 4), 1 + 2 * Math.floor(i / 4), 100_000n)),
    Array.from({ length: 64 }, (_, i) => operation(28, i, 0n)),
  ];
  const host = await rawHost();
  const line = await openLine(host, target.addresses[0]!);
  const flood = setInterval(() => {
    for (const one of kinds)
      push(line!, gossipFrame(...one.slice(0, 128).map((bytes) => message(topic, bytes))));
    for (const one of kinds) one.push(...one.splice(0, 128));
  }, 100);
  const { sold, refused } = await arena.do("auction", null);
  clearInterval(flood);
  await host.stop();
  const after = await arena.do("state", null);
  expect({ sold, refused }).toEqual({ sold: true, refused: [] });
  expect(grown(before, after)).toBe(true);
  expect(since(before, after, "ops.AUTHOR_RATE") + since(before, after, "ops.PENDING_FULL")).toBeGreaterThan(
    0,
  );
  expect(after.rssBytes - before.rssBytes).toBeLessThan(MAX_GROWTH_BYTES);
});
