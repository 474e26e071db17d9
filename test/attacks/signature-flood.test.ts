// Scenarios 42 and 46 of spec/scenarios, on running members: floods of forgeries, and floods that are paid for.
import { afterAll, beforeAll, expect, test } from "vitest";
import { LANE_LIMITS } from "../../node/driver/event-queue.js";
import { encodeBundle } from "../../node/net/bundle.js";
import { LOOPBACK_LIMITS, MAX_GOSSIP_FRAME_BYTES } from "../../node/net/limits.js";
import { Topics } from "../../node/net/topics.js";
import { fromHex } from "../../src/base/index.js";
import { encodeOperation, signOperation } from "../../src/market/index.js";
import { AGENTS, type TargetState } from "../../testnet/bench/phases/flood-target.js";
import type { FloodTarget } from "../../testnet/lab/attack/flood.js";
import { gossipFrame, message } from "../../testnet/lab/attack/raw-gossip.js";
import { type Line, openLine, push, rawHost } from "../../testnet/lab/attack/raw-host.js";
import { planTestnet } from "../../testnet/plan.js";
import { eventually } from "../e2e/eventually.js";
import { type Arena, grown, type Source, since, startArena, startSource } from "./arena.js";

const PER_SECOND = 5000;
const SEATS = 4;
const LOAD = { clients: 24, each: 2 };
/** What the members' queues, and gossip's, may hold of a flood that has nothing to do with what is honest. */
const MAX_GROWTH_BYTES =
  SEATS * (LANE_LIMITS.operation.bytes + LANE_LIMITS.peer.bytes + 16 * MAX_GOSSIP_FRAME_BYTES);

let arena: Arena;
let source: Source;
let target: FloodTarget;
let undisturbed: TargetState;
/** names that forgers have used so far, in all tests: what is left of one flood is judged in the next */
let forgers = 0;

beforeAll(async () => {
  arena = startArena();
  source = startSource();
  target = await arena.do("target", null);
  await arena.do("transfers", LOAD);
  undisturbed = await arena.do("state", null);
});
afterAll(() => Promise.all([arena.close(), source.close()]));

/** Peers that were let go: for their forgeries, or because they said nothing but those. */
const letGo = async (): Promise<number> => {
  const now = await arena.do("state", null);
  return since(undisturbed, now, "peers.SHUT_OUT") + since(undisturbed, now, "status.NO_STATUS");
};

/** Of all floods so far few forgeries were judged, and what they left in memory is bounded. */
function expectBounded(now: TargetState): void {
  expect(since(undisturbed, now, "ops.BAD_SIGNATURE")).toBeLessThanOrEqual(forgers * JUDGED_OF_ONE);
  expect(now.heldBytes - undisturbed.heldBytes).toBeLessThan(MAX_GROWTH_BYTES);
}

/** Five faults shut a peer out, a few more where they come slowly and fade; beside them stands what was under judgement. */
const JUDGED_OF_ONE = 8 + LOOPBACK_LIMITS.verifyingPerPeer;

test("scenario 42: 50 peers that flood are let go one and all, and honest operations become final", async () => {
  const before = await arena.do("state", null);
  await source.do("start", { target, peers: 50, perSecond: PER_SECOND, comesBack: false });
  await eventually("every one is cut off", async () => (await source.do("report", null))!.standing === 0);
  await eventually("each for its own conduct", async () => (await letGo()) >= 50);
  expect(await arena.do("transfers", LOAD)).toBe(LOAD.clients * LOAD.each);
  forgers += (await source.do("stop", null)).names;
  const after = await arena.do("state", null);
  expect(grown(before, after)).toBe(true);
  expectBounded(after);
});

test.each([1, 50])(
  "scenario 42: invalid signatures from %i at a time, who come back, keep nothing honest from its end, and few are judged",
  async (peers) => {
    const before = await arena.do("state", null);
    const letGoBefore = await letGo();
    await source.do("start", { target, peers, perSecond: PER_SECOND, comesBack: true });
    // The flood goes on until some were let go and came back, and all that is honest was final beside it.
    const [final] = await Promise.all([
      arena.do("transfers", LOAD),
      eventually("they are let go", async () => (await letGo()) > letGoBefore + peers),
    ]);
    forgers += (await source.do("stop", null)).names;
    const after = await arena.do("state", null);
    expect(final).toBe(LOAD.clients * LOAD.each);
    expect(grown(before, after)).toBe(true);
    expectBounded(after);
  },
);

/** One peer that sends frames without end, and comes back under another name when it is let go. */
class Flooder {
  private readonly timer: NodeJS.Timeout;
  private host: Awaited<ReturnType<typeof rawHost>> | null = null;
  private line: Line | null = null;
  private coming = false;

  constructor(
    private readonly address: string,
    private readonly frames: () => readonly Uint8Array[],
  ) {
    this.timer = setInterval(() => void this.send(), 100);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.host?.stop();
  }

  private async send(): Promise<void> {
    const { line } = this;
    if (line !== null && this.frames().every((frame) => push(line, frame))) return;
    if (this.coming) return;
    this.coming = true;
    await this.host?.stop();
    this.host = await rawHost();
    this.line = await openLine(this.host, this.address);
    this.coming = false;
  }
}

test("scenario 46: funded accounts that flood, leave gaps or pay nothing do not keep an honest bid from its end", async () => {
  const before = await arena.do("state", null);
  const { agentPlans } = planTestnet({ peers: SEATS, quorum: SEATS, agents: AGENTS, seed: 1 });
  const [chain, market] = [fromHex(target.chain)!, fromHex(target.market)!];
  const topic = new Topics(chain, market).nameOf("ops");
  const operation = (place: number, nonce: number, fee: bigint) =>
    encodeOperation(
      signOperation(
        { chain, market },
        { nonce, fee, validUntilMs: Date.now() + 600_000 },
        { kind: "transfer", to: chain, amount: 1n },
        agentPlans[place]!.key,
      ),
    );
  // Agents that the auction does not need: every nonce of the window, gaps alone, and no fee. A frame has more of one than
  // its rate allows at once, however slowly it is judged.
  const kinds = [
    Array.from({ length: 8 * 64 }, (_, i) => operation(16 + Math.floor(i / 64), i % 64, 100_000n)),
    Array.from({ length: 4 * 32 }, (_, i) => operation(24 + (i % 4), 1 + 2 * Math.floor(i / 4), 100_000n)),
    Array.from({ length: 64 }, (_, i) => operation(28, i, 0n)),
  ];
  const flooderOf = (of: Uint8Array[][]) =>
    new Flooder(target.addresses[0]!, () => {
      const frames = of.map((one) =>
        gossipFrame(...one.slice(0, 128).map((bytes) => message(topic, encodeBundle([bytes])))),
      );
      for (const one of of) one.push(...one.splice(0, 128));
      return frames;
    });
  // Under names of their own: whoever relays what pays nothing is shut out.
  const flooders = [flooderOf(kinds.slice(0, 2)), flooderOf(kinds.slice(2))];
  const heldBack = async (): Promise<number> => {
    const now = await arena.do("state", null);
    return since(before, now, "ops.AUTHOR_RATE") + since(before, now, "ops.PENDING_FULL");
  };
  await eventually("the flood is felt", async () => (await heldBack()) > 0);
  const { sold, refused } = await arena.do("auction", null);
  for (const one of flooders) await one.stop();
  const after = await arena.do("state", null);
  expect({ sold, refused }).toEqual({ sold: true, refused: [] });
  expect(grown(before, after)).toBe(true);
  expect(after.heldBytes - before.heldBytes).toBeLessThan(MAX_GROWTH_BYTES);
});
