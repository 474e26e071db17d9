// Scenarios 42 and 46 of PROTOCOL §5.2, on running members: floods of forgeries, and floods that are paid for.
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LANE_LIMITS } from "../../node/driver/event-queue.js";
import { LOOPBACK_LIMITS, MAX_GOSSIP_FRAME_BYTES } from "../../node/net/limits.js";
import { Topics } from "../../node/net/topics.js";
import { fromHex } from "../../src/base/index.js";
import { encodeOperation, signOperation } from "../../src/ledger/index.js";
import type { FloodTarget } from "../../testnet/attack/flood.js";
import { gossipFrame, message } from "../../testnet/attack/raw-gossip.js";
import { openLine, push, rawHost } from "../../testnet/attack/raw-host.js";
import { AGENTS, type TargetState, type Traded } from "../../testnet/bench/phases/flood-target.js";
import { planTestnet } from "../../testnet/plan.js";
import { eventually } from "../e2e/eventually.js";
import { type Arena, grown, type Source, since, startArena, startSource } from "./arena.js";

const PER_SECOND = 5000;
const SEATS = 4;
const LOAD = { ms: 800, clients: 24 };
const TURNS = 5;
/** What the members' queues, and gossip's, may hold of a flood that has nothing to do with what is honest. */
const MAX_GROWTH_BYTES =
  SEATS * (LANE_LIMITS.operation.bytes + LANE_LIMITS.peer.bytes + 16 * MAX_GOSSIP_FRAME_BYTES);

let arena: Arena;
let source: Source;
let target: FloodTarget;
let undisturbed: TargetState;

beforeAll(async () => {
  arena = startArena();
  source = startSource();
  target = await arena.do("target", null);
  await arena.do("trade", LOAD);
  undisturbed = await arena.do("state", null);
});
afterAll(() => Promise.all([arena.close(), source.close()]));

const shutOut = async (before: TargetState): Promise<number> =>
  since(before, await arena.do("state", null), "peers.SHUT_OUT");

/**
 * What a flood of 5,000 per s leaves each member of its thread, by the CPU time that the four took for the same work with
 * and without it: the part of its rate that becomes final at saturation. Whoever else uses this machine changes neither.
 */
async function left(flood: () => Promise<Traded>, calm: () => Promise<Traded>): Promise<number> {
  const parts: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    const undisturbedTurn = await calm();
    await source.do("resume", null);
    const before = await source.do("report", null);
    const flooded = await flood();
    const after = await source.do("report", null);
    await source.do("rest", null);
    const sent = after!.sent - before!.sent;
    expect(sent).toBeGreaterThan(500);
    const own = (flooded.operations * undisturbedTurn.ranMs) / Math.max(1, undisturbedTurn.operations);
    parts.push(1 - ((flooded.ranMs - own) / sent) * (PER_SECOND / 1000 / SEATS));
  }
  return parts.sort((a, b) => a - b)[Math.floor(TURNS / 2)]!;
}

test("scenario 42: 50 peers that flood are shut out one and all, and honest operations become final", async () => {
  const before = await arena.do("state", null);
  await source.do("start", { target, peers: 50, perSecond: PER_SECOND, comesBack: false });
  const standing = async (): Promise<number> => (await source.do("report", null))!.standing;
  await eventually("every one of them is cut off", async () => (await standing()) === 0, 50_000);
  const after = await arena.do("state", null);
  expect(since(before, after, "peers.SHUT_OUT")).toBeGreaterThanOrEqual(50);
  // Of the flood, no more was judged than the first faults of each and what was under judgement beside them.
  expect(since(before, after, "ops.BAD_SIGNATURE")).toBeLessThanOrEqual(
    50 * (5 + LOOPBACK_LIMITS.verifyingPerPeer),
  );
  const calm = await arena.do("trade", LOAD);
  await source.do("stop", null);
  expect(calm.operations).toBeGreaterThan(0);
  const last = await arena.do("state", null);
  expect(grown(before, last)).toBe(true);
  expect(last.heldBytes - undisturbed.heldBytes).toBeLessThan(MAX_GROWTH_BYTES);
  expect(last.rssBytes - undisturbed.rssBytes).toBeLessThan(2 * MAX_GROWTH_BYTES);
});

test.each([1, 50])(
  "scenario 42: 5,000 invalid signatures per s from %i at a time, who come back, leave 80 % of each member",
  async (peers) => {
    const before = await arena.do("state", null);
    const trade = (): Promise<Traded> => arena.do("trade", LOAD);
    await source.do("start", { target, peers, perSecond: PER_SECOND, comesBack: true });
    await source.do("rest", null);
    const part = await left(trade, trade);
    await source.do("stop", null);
    await eventually("they were shut out", async () => (await shutOut(before)) > 0);
    const after = await arena.do("state", null);
    expect(part).toBeGreaterThanOrEqual(0.8);
    expect(grown(before, after)).toBe(true);
    expect(after.heldBytes - undisturbed.heldBytes).toBeLessThan(MAX_GROWTH_BYTES);
    expect(after.rssBytes - undisturbed.rssBytes).toBeLessThan(2 * MAX_GROWTH_BYTES);
  },
);

test("scenario 42: names that come without end are let in at a bounded rate", async () => {
  const before = await arena.do("state", null);
  const [, , ip, , port] = target.addresses[0]!.split("/");
  const beganMs = performance.now();
  const most = (): number =>
    LOOPBACK_LIMITS.acceptsBurst + (LOOPBACK_LIMITS.acceptsPerSecond * (performance.now() - beganMs)) / 1000;
  let heard = 0; // whoever is let in is told the protocols that the other side speaks
  const sockets = Array.from({ length: 3 * LOOPBACK_LIMITS.acceptsBurst }, () => {
    const socket = connect(Number(port), ip);
    socket.on("error", () => undefined).once("data", () => heard++);
    socket.write("\x13/multistream/1.0.0\n");
    return socket;
  });
  const turnedAway = async (): Promise<number> =>
    since(before, await arena.do("state", null), "peers.TOO_MANY_ARRIVALS");
  await eventually("many are turned away", async () => (await turnedAway()) > LOOPBACK_LIMITS.acceptsBurst);
  expect(heard).toBeGreaterThan(0);
  expect(heard).toBeLessThanOrEqual(most());
  for (const socket of sockets) socket.destroy();
});

test("scenario 46: funded accounts that flood, leave gaps or pay nothing do not keep an honest bid from its end", async () => {
  const before = await arena.do("state", null);
  const { agentPlans } = planTestnet({ peers: SEATS, quorum: SEATS, agents: AGENTS, seed: 1 });
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
