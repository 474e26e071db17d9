// Scenarios 14, 30 and 31 of spec/scenarios with whole peers, real keys and real ledgers.
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import { ACCOUNTS } from "../../src/ledger/index.js";
import { encodeOperation, SLASHES, selfProving } from "../../src/market/index.js";
import { encodeEvidence, type Vote, voteDigest, voteDomain, voteEvidence } from "../../src/quorum/index.js";
import { BOND, Cluster, creation, ended, idOf, keyOf, opened, phaseAt, placed } from "../peer/cluster.js";

const AGENTS = [["ann"], ["ben"], ["sue"], ["dan"]] as const;

describe("scenario 30: nondeterminism in one member", () => {
  it("scenario 30: one whose state is wrong by one unit stops, names the height, and stays so; the others trade on", () => {
    const cluster = new Cluster({ agents: AGENTS });
    cluster.run(1_500);
    const wrong = cluster.host(3);
    const others = cluster.hosts.slice(0, 3);
    wrong.live.ledger.change(ACCOUNTS, idOf("ann"), (account) => {
      account.free += 1n;
    });
    const { height } = wrong.live.tip;
    expect(cluster.run(10_000, () => wrong.live.halted !== null)).toBe(true);
    const notice = wrong.notices.find((one) => one.kind === "corrupt");
    expect(notice).toMatchObject({ kind: "corrupt", height: height + 1 });
    const result = cluster.command(cluster.homeOf("sue"), creation("sue"));
    if (!result.ok || result.auction === null) throw new Error(JSON.stringify(result));
    const { auction } = result;
    expect(cluster.run(5_000, () => others.every((host) => phaseAt(host, auction) === "open"))).toBe(true);
    placed(cluster, "ann", auction, 700n);
    expect(cluster.run(20_000, () => others.every((host) => phaseAt(host, auction) === "done"))).toBe(true);
    expect(others.map(({ live }) => live.halted)).toEqual([null, null, null]);
    expect(new Set(others.map((host) => roots(host.log().length, host.live.tip.root)))).toHaveProperty(
      "size",
      1,
    );
    // It answers nobody's wish, neither now nor after a restart: its store is not to be believed.
    const stopped = wrong.live.tip.height;
    cluster.restart(wrong);
    cluster.run(3_000);
    expect([wrong.live.halted, wrong.live.tip.height]).toEqual(["corrupt", stopped]);
    expect(cluster.command(wrong, creation("dan"))).toMatchObject({
      ok: false,
      refusal: { code: "PEER_STOPPED" },
    });
  });
});

const roots = (height: number, root: Uint8Array): string => `${height} ${toHex(root)}`;

describe("scenario 31: one liar of three", () => {
  it("scenario 31: its two ACKs are posted, convict it once and take its bond; without tolerance nobody halts for it", () => {
    const cluster = new Cluster({ agents: AGENTS.slice(0, 3), seats: 3 });
    cluster.run(1_000);
    const { ledger, electorate } = cluster.host(0).live;
    const key = keyOf("seat 2");
    const domain = voteDomain(electorate, ledger.network.chain, ledger.network.market);
    const ack = (fill: number): Vote => {
      const entryId = new Uint8Array(32).fill(fill);
      const sig = key.sign(voteDigest(domain, "ack", 1, entryId));
      const signer = electorate.seatOf(key.publicKey)!;
      return { type: "ack", epoch: 0, setHash: electorate.setHash, term: 1, entryId, signer, sig };
    };
    const evidence = encodeEvidence(voteEvidence(ack(1), ack(2))!);
    const operation = selfProving(ledger.network, { kind: "evidence", evidence });
    const bytes = encodeOperation(operation);
    for (const host of cluster.hosts) cluster.feed(host, { kind: "operation", from: "x", operation, bytes });
    const isSlashed = (): boolean => cluster.hosts.every(({ live }) => live.ledger.table(SLASHES).size === 1);
    expect(cluster.run(20_000, isSlashed)).toBe(true);
    expect([...cluster.host(1).live.ledger.table(SLASHES).values()][0]).toMatchObject({
      agent: idOf("owner 2"),
      taken: BOND,
    });
    const { height } = cluster.host(0).live.tip;
    expect(cluster.run(20_000, () => cluster.host(0).live.tip.height > height + 4)).toBe(true);
    expect(cluster.hosts.map(({ live }) => live.halted)).toEqual([null, null, null]);
  });
});

describe("scenario 14: a clock that jumps during a phase", () => {
  for (const [what, phase, jumps] of [
    ["a member's by 10 min ahead, in OPEN", "open", [0, 0, 0, 600_000]],
    ["a member's by 10 min back, in REVEAL", "reveal", [0, 0, 0, -600_000]],
    ["everybody's 3 s back, in REVEAL", "reveal", [-3_000, -3_000, -3_000, -3_000]],
  ] as const) {
    it(`scenario 14: ${what}: phases keep their length within PRECISION + MSGDELAY, and every honest bid is revealed`, () => {
      const cluster = new Cluster({ agents: AGENTS });
      const auction = opened(cluster, "sue");
      const openedMs = cluster.nowMs;
      placed(cluster, "ann", auction, 700n);
      placed(cluster, "ben", auction, 600n);
      expect(cluster.run(10_000, () => phaseAt(cluster.host(0), auction) === phase)).toBe(true);
      cluster.run(300);
      cluster.hosts.forEach((host, at) => {
        host.skewMs += jumps[at]!;
      });
      const over = ended(cluster, auction, 60_000);
      expect(over.phase).toMatchObject({ kind: "done", clearingPrice: 600n, burned: 0n });
      const log = cluster.host(0).log();
      expect(log.every(({ header }, i) => i === 0 || header.timeMs > log[i - 1]!.header.timeMs)).toBe(true);
      const { precisionMs, messageDelayMs, idleMs } = cluster.genesis.params;
      const bound = precisionMs + messageDelayMs;
      const { commitMs, revealMs } = over.terms;
      const tookMs = cluster.nowMs - openedMs;
      expect(tookMs).toBeGreaterThanOrEqual(commitMs + revealMs - bound);
      // Beside the windows: 4 (F + 1) entries that count leaders or start a window, and the step back that all must wait for.
      expect(tookMs).toBeLessThanOrEqual(commitMs + revealMs + bound + 8 * idleMs - jumps[0]!);
    });
  }
});
