// Scenarios 14, 53, 64 and 65 of spec/scenarios: clocks, restarts and outages of whole peers, in the simulator.
import { describe, expect, it } from "vitest";
import type { Notice } from "../../src/peer/ready.js";
import type { Timing } from "../../src/quorum/index.js";
import { CRASH_POINTS, type Host } from "../../testnet/lab/simulate/world/host.js";
import type { World } from "../../testnet/lab/simulate/world/world.js";
import { auction, bid, calm, lived, logOf, only, TIMING } from "./scenario-of.js";

type Of<K extends Notice["kind"]> = Extract<Notice, { readonly kind: K }>;

/** All notices of one kind that a host told, with the true time of each. */
function toldBy<K extends Notice["kind"]>(
  world: World,
  index: number,
  kind: K,
): { atMs: number; notice: Of<K> }[] {
  const told: { atMs: number; notice: Of<K> }[] = [];
  world.witnesses.push({
    noticed(host: Host, notice: Notice) {
      if (host.index === index && notice.kind === kind)
        told.push({ atMs: world.agenda.nowMs, notice: notice as Of<K> });
    },
  });
  return told;
}

const MINUTES_MS = 60_000;

/** Honest bidders at hosts whose clocks are right; the seller's too. */
const trades = (creator: number, bidders: readonly number[], atMs: readonly number[]) =>
  only(
    ...atMs.map((at, i) =>
      auction(`lot-${i}`, at, { creator, bids: bidders.map((host) => bid(host, { delayMs: 200 })) }),
    ),
  );

describe("scenario 14: clocks", () => {
  const shapes: readonly (readonly [string, readonly number[]])[] = [
    ["one of 4 is 10 min ahead", [0, 0, 0, 10 * MINUTES_MS]],
    ["one of 4 is 10 min behind", [0, 0, 0, -10 * MINUTES_MS]],
    ["2 of 7 are 10 min ahead", [0, 0, 0, 0, 0, 10 * MINUTES_MS, 10 * MINUTES_MS]],
    ["2 of 7 are 10 min apart, each way", [0, 0, 0, 0, 0, 10 * MINUTES_MS, -10 * MINUTES_MS]],
  ];
  for (const [what, clockOffsetsMs] of shapes) {
    it(`scenario 14: ${what}: ledger time only rises and stays within PRECISION + MSGDELAY of the true one`, () => {
      const size = clockOffsetsMs.length;
      let entries: ReturnType<typeof toldBy<"entry">> = [];
      let settled: ReturnType<typeof toldBy<"auctionSettled">> = [];
      const workload = trades(0, [1, 2], [1_000, 9_000, 21_000]);
      const { world } = lived(calm(14, size, { workload, faults: { clockOffsetsMs } }), (one) => {
        entries = toldBy(one, 0, "entry");
        settled = toldBy(one, 0, "auctionSettled");
      });
      expect(settled.map(({ notice }) => notice.burned)).toEqual([0n, 0n, 0n]);
      const times = logOf(world.hosts[0]!).map(({ header }) => header.timeMs);
      expect(times.every((at, i) => i === 0 || at > times[i - 1]!)).toBe(true);
      for (const { atMs, notice } of entries) {
        const trueMs = world.hosts[0]!.clockMs - world.agenda.nowMs + atMs;
        expect(notice.timeMs).toBeLessThanOrEqual(trueMs + TIMING.precisionMs + 1);
        // The bound is of the receipt of the proposal; an idle leader's is told of when it is final, two hops later.
        const hopsMs = 2 * TIMING.deltaMs;
        expect(notice.timeMs).toBeGreaterThanOrEqual(
          trueMs - TIMING.messageDelayMs - TIMING.precisionMs - hopsMs,
        );
      }
    });
  }
});

describe("scenario 64: half the members' clocks are 600 ms off, and nobody is faulty", () => {
  const timing: Timing = {
    deltaMs: 1_000,
    idleMs: 1_000,
    batchMs: 20,
    precisionMs: 500,
    messageDelayMs: 2_000,
  };
  for (const size of [4, 6]) {
    for (const offsetMs of [600, -600]) {
      it(`scenario 64: ${size} members, ${offsetMs} ms: the log lives and phases close`, () => {
        const clockOffsetsMs = Array.from({ length: size }, (_, i) => (i % 2 === 0 ? offsetMs : 0));
        const lots = [0, 1].map((i) =>
          auction(`lot-${i}`, 2_000 + 20_000 * i, {
            creator: i,
            commitMs: 3_000,
            revealMs: 3_500,
            bids: [bid(2), bid(3)],
          }),
        );
        let settled: ReturnType<typeof toldBy<"auctionSettled">> = [];
        const wishes = {
          timing,
          workload: only(...lots),
          healMs: 50_000,
          endMs: 110_000,
          faults: { clockOffsetsMs },
        };
        const { result } = lived(calm(64, size, wishes), (world) => {
          settled = toldBy(world, 1, "auctionSettled");
        });
        expect(settled.map(({ notice }) => [notice.burned, notice.awards.length === 0])).toEqual([
          [0n, false],
          [0n, false],
        ]);
        // Commit and reveal windows, and the leaders that close them: not the minutes of a phase that never ends.
        expect(settled[0]!.atMs).toBeLessThan(2_000 + 20_000);
        expect(result.entriesFinalised).toBeGreaterThan(20);
      });
    }
  }
});

describe("scenario 53: restarts", () => {
  /** Every operation that any host told as applied or refused, by height, is in every host's log in the end. */
  function keepsAll(
    crashes: readonly { atMs: number; host: number; point: (typeof CRASH_POINTS)[number]; downMs: number }[],
    size: number,
    seed: number,
  ): void {
    const acknowledged = new Map<number, Uint8Array>();
    const { result, world } = lived(
      calm(seed, size, { healMs: 16_000, faults: { crashes, syncMs: 2 } }),
      (one) => {
        one.witnesses.push({
          noticed(_host, notice) {
            if (notice.kind === "entry") acknowledged.set(notice.height, notice.id);
          },
        });
      },
    );
    expect(result.faults.crashes).toBeGreaterThanOrEqual(size);
    expect(acknowledged.size).toBeGreaterThan(10);
    for (const host of world.hosts) {
      const log = logOf(host);
      const parents = log.map(({ header }) => header.parent);
      for (const [height, id] of acknowledged) {
        if (height < log.length) expect(parents[height]).toEqual(id);
      }
      expect(log.length).toBeGreaterThanOrEqual(result.entriesFinalised - 3);
    }
  }

  it("scenario 53: all members in turn: no acknowledged operation is lost", () => {
    for (const size of [3, 4]) {
      const crashes = Array.from({ length: size * 2 }, (_, i) => ({
        atMs: 1_500 + 1_600 * i,
        host: i % size,
        point: CRASH_POINTS[i % CRASH_POINTS.length]!,
        downMs: 700,
      }));
      keepsAll(crashes, size, 53);
    }
  });

  for (const point of CRASH_POINTS) {
    it(`scenario 53: all at once amid an entry (${point}): no acknowledged operation is lost`, () => {
      for (const size of [1, 2, 4]) {
        const crashes = Array.from({ length: size }, (_, host) => ({
          atMs: 6_000,
          host,
          point,
          downMs: 900,
        }));
        keepsAll(crashes, size, 153);
      }
    });
  }
});

describe("scenario 65: an outage of 60 s in REVEAL", () => {
  const OUTAGE_MS = 60_000;

  for (const size of [1, 3, 4]) {
    it(`scenario 65: ${size} members and all bidders are gone for a minute, whenever it comes in the phase: no honest lockup burns`, () => {
      for (const afterMs of [0, 600, 1_000]) {
        const lot = auction("lot", 1_000, { bids: [bid(size), bid(size + 1)] });
        let settled: ReturnType<typeof toldBy<"auctionSettled">> = [];
        let isOut = false;
        const wishes = { peers: size + 2, workload: only(lot), healMs: 90_000, endMs: 115_000 };
        const { result } = lived(calm(65, size, wishes), (world) => {
          settled = toldBy(world, 0, "auctionSettled");
          const [members, bidders] = [world.hosts.slice(0, size), world.hosts.slice(size)];
          world.witnesses.push({
            noticed(_host, notice) {
              if (isOut || notice.kind !== "auctionPhase" || notice.phase !== "reveal") return;
              isOut = true;
              // The bidders go before they can reveal, and are back a little later than the members.
              world.agenda.after(0, () => {
                for (const host of bidders) host.crash("idle", afterMs + OUTAGE_MS + 300);
              });
              world.agenda.after(afterMs, () => {
                for (const host of members) host.crash("idle", OUTAGE_MS);
              });
            },
          });
        });
        expect(result.faults.crashes).toBe(size + 2);
        expect(settled.map(({ notice }) => notice.burned)).toEqual([0n]);
      }
    });
  }
});
