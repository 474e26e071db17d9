// What others say of their height: believed when a certificate shows it, and never before.
import type { Connection } from "@libp2p/interface";
import { afterEach, expect, test } from "vitest";
import { Counters } from "../../node/net/counters.js";
import type { Acceptance } from "../../node/net/index.js";
import { type ConnectedPeer, Roster } from "../../node/net/roster.js";
import { ShownHeights } from "../../node/net/shown-heights.js";
import type { StatusMessage } from "../../node/net/wire.js";
import { encode } from "../../src/base/index.js";
import { type FinalProof, MAX_CATCH_UP_ENTRIES, quorumMessage } from "../../src/quorum/index.js";
import { certificateOf, headerOf, station, stopAll, until } from "./net-fixture.js";

afterEach(stopAll);

const OWN = 10;
const EMPTY = { kind: "log", entries: [], descendants: [], cert: null } as const;
const proofOf = (height: number): FinalProof => ({ header: headerOf(height), cert: certificateOf(height) });

function shelf(verdict: Acceptance) {
  const peer = { height: 0 } as ConnectedPeer;
  const judged: number[] = [];
  const blamed: string[] = [];
  const heights = new ShownHeights({
    handlers: {
      height: () => OWN,
      judgeFinal: ({ header }) => {
        judged.push(header.height);
        return verdict;
      },
    },
    roster: { get: () => peer },
    counters: new Counters(),
    blame: (from) => void blamed.push(from),
  });
  return { heights, peer, judged, blamed };
}

const judged = async (heights: ShownHeights, height: number): Promise<void> => {
  heights.judge("a", proofOf(height));
  await new Promise(setImmediate);
};

test("a height is news above the greatest one, and only news is judged", async () => {
  const { heights, peer, judged: asked } = shelf("accept");
  await judged(heights, OWN - 1);
  await judged(heights, OWN);
  expect([asked, peer.height, heights.greatest]).toEqual([[], OWN, OWN]);
  await judged(heights, OWN + 1);
  expect([asked, peer.height, heights.greatest]).toEqual([[OWN + 1], OWN + 1, OWN + 1]);
  await judged(heights, OWN + 1);
  expect(asked).toEqual([OWN + 1]);
});

test.each([
  ["reject", ["a"]],
  ["ignore", []],
] as const)("a height whose certificate is judged `%s` is nobody's height", async (verdict, expected) => {
  const { heights, peer, blamed } = shelf(verdict);
  await judged(heights, 9e12);
  expect([peer.height, heights.greatest, blamed]).toEqual([0, OWN, expected]);
});

test("a peer that says nothing of its height is not judged for it", () => {
  const { heights, judged: asked, blamed } = shelf("reject");
  heights.judge("a", null);
  expect([asked, blamed]).toEqual([[], []]);
});

test.each([
  [MAX_CATCH_UP_ENTRIES - 1, 0],
  [MAX_CATCH_UP_ENTRIES, 1],
])(
  "who has shown %i entries more than it is asked for and gives none withholds them: %i",
  async (more, count) => {
    const from = 20;
    const two = await station({
      name: "two",
      handlers: {
        finalProof: () => proofOf(from + more),
        serveLog: async () => encode(quorumMessage, EMPTY),
        onLogPruned: () => undefined,
        snapshot: async () => null,
        snapshotRows: async () => null,
      },
    });
    const one = await station({ name: "one" });
    const peer = await one.network.dial(two.network.multiaddrs()[0]!);
    await until("its height is shown", () => one.network.peers()[0]?.height === from + more);
    one.network.send([{ to: "peer", peer, message: { kind: "getLog", fromHeight: from, max: 64 } }]);
    const withheld = (): number => one.network.counters()["sync.WITHHELD"] ?? 0;
    await until("the answer is judged", () => withheld() + one.messages.length === 1);
    expect([withheld(), one.messages.length]).toEqual([count, 1 - count]);
  },
);

test.each([
  ["never answers", () => new Promise<never>(() => {})],
  ["gives nothing", async () => encode(quorumMessage, EMPTY)],
] as const)(
  "who shows a height and %s does not keep a question for the log to itself",
  async (_, serveLog) => {
    const liar = await station({ name: "liar", handlers: { finalProof: () => proofOf(500), serveLog } });
    let asked = 0;
    const honest = await station({
      name: "honest",
      handlers: {
        serveLog: async () => {
          asked++;
          return encode(quorumMessage, EMPTY);
        },
      },
    });
    const one = await station({ name: "one" });
    for (const { network } of [liar, honest]) await one.network.dial(network.multiaddrs()[0]!);
    await until("its height is shown", () => one.network.peers().some(({ height }) => height === 500));
    for (let i = 1; i <= 6; i++) {
      one.network.send([{ to: "anyone", message: { kind: "getLog", fromHeight: 490, max: 64 } }]);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await until("the other one is asked", () => asked > 0);
  },
);

/** One entry at the height that is asked for, of an epoch that is not known here: nobody is blamed for it. */
const useless = (height: number) =>
  encode(quorumMessage, {
    ...EMPTY,
    entries: [{ header: { ...headerOf(height), epoch: 9 }, ops: [], justification: [], cert: null }],
  });

test("who answers with entries of no use is not asked alone, though the others once had none to give", async () => {
  const counts = { liar: 0, honest: 0 };
  const shows = async (name: "liar" | "honest", serveLog: (from: number) => Uint8Array) =>
    station({
      name,
      handlers: {
        finalProof: () => proofOf(500),
        async serveLog(from) {
          counts[name]++;
          return serveLog(from);
        },
      },
    });
  const stations = [
    await shows("liar", useless),
    await shows("honest", (from) => (counts.honest === 1 ? encode(quorumMessage, EMPTY) : useless(from))),
  ];
  const one = await station({ name: "one" });
  for (const { network } of stations) await one.network.dial(network.multiaddrs()[0]!);
  const shown = (): number => one.network.peers().filter(({ height }) => height === 500).length;
  await until("their heights are shown", () => shown() === 2);
  for (let i = 1; i <= 12; i++) {
    one.network.send([{ to: "anyone", message: { kind: "getLog", fromHeight: 490, max: 64 } }]);
    await until("it is answered", () => one.messages.length === i);
  }
  expect(counts.honest).toBeGreaterThan(4);
});

test("however many come by themselves, every other question for the log goes to one that was dialled", () => {
  const roster = new Roster();
  const meet = (name: string, direction: "inbound" | "outbound") =>
    roster.introduce(
      { remotePeer: name, remoteAddr: "/ip4/127.0.0.1/tcp/1", direction } as unknown as Connection,
      {} as StatusMessage,
      null,
      0,
    );
  for (const name of ["a", "b"]) meet(name, "outbound");
  for (let i = 0; i < 60; i++) meet(`stranger ${i}`, "inbound");
  const asked = Array.from({ length: 124 }, () => roster.nextForLog(() => true)!.ref);
  expect(new Set(asked.filter((_, i) => i % 2 === 0))).toEqual(new Set(["a", "b"]));
  expect(new Set(asked).size).toBe(62);
  expect(roster.nextForLog(({ direction }) => direction === "inbound")).not.toBeNull();
});
