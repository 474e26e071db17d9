// Lies of a whole quorum: whatever it signs, the check that covers it refuses; but for a bid that it leaves out.
import { describe, expect, it } from "vitest";
import { decode, encode, equalBytes, MAX_AMOUNT } from "../../../src/base/index.js";
import { MAX_ROW_BYTES } from "../../../src/ledger/index.js";
import { type AuctionRow, auctionRow, type EndedPhase } from "../../../src/market/index.js";
import { type CheckName, verifyTranscript } from "../../../src/peer/index.js";
import { checkProofs } from "../../../src/peer/proof/proven-auction.js";
import type { Header } from "../../../src/quorum/index.js";
import { FEE, LOT, START_MS, verifier } from "../cluster.js";
import { awardedTo, type Lie, LyingNetwork, type Script } from "./lying-network.js";

const judged = (net: LyingNetwork, lie: Lie = {}) =>
  verifyTranscript(net.transcript(lie), net.network.chain, verifier);

/** The check that refuses a lie; null: none does. */
function refusing(script: Script, lie: Lie): CheckName | null {
  const { checks } = judged(new LyingNetwork(script), lie);
  return checks.find((one) => !one.ok)?.name ?? null;
}

type Done = Extract<EndedPhase, { kind: "done" }>;
/** The end of a sale told otherwise. */
const ending = (change: (phase: Done, net: LyingNetwork) => EndedPhase): Lie => ({
  auction: (row, net) => ({ ...row, phase: change(row.phase as Done, net) }),
});
const endingAt = (by: number): Lie =>
  ending((phase, net) => ({
    ...phase,
    endedAt: phase.endedAt + by,
    endedMs: net.timeAt(phase.endedAt + by),
  }));
const revealed: Lie = {
  commits(rows, net) {
    rows.set("cid", { ...rows.get("cid")!, opening: net.openingOf("cid") });
    awardedTo("cid", { pays: 500n }).commits(rows, net);
  },
  auction: (row) => ({
    ...row,
    reveals: 3,
    phase: { ...(row.phase as Done), burned: 0n, clearingPrice: 500n },
  }),
};
const LAPSES = { lot: { ...LOT, toMs: START_MS + 300 + 1000 + 1200 + 1000 } };

describe("a network that does not lie", () => {
  it.each<[string, Script, string]>([
    ["sold, one lockup forfeited", {}, "done"],
    ["sold at a hidden reserve", { hidden: 400n }, "done"],
    ["unsold under the reserve", { terms: { reserve: 900n } }, "unsold"],
    ["without bids", { bidders: [] }, "unsold"],
    ["void: the lot has lapsed", { terms: LAPSES }, "void"],
    [
      "with a commit of a seller, and a reveal of nothing",
      {
        whileOpen: (net) => [net.signed("sue", { ...net.commit("dan").body } as never)],
        whileReveal: (net) => [net.reveal("dan")],
      },
      "done",
    ],
    ["with a creation that its seller could not pay before the one it could", { unpaid: MAX_AMOUNT }, "done"],
    [
      "with a commit signed once more, for a fee that nobody could pay beside its lockup",
      { whileOpen: (net) => [net.commit("dan"), net.commit("dan", MAX_AMOUNT)] },
      "done",
    ],
    [
      "with a commit behind itself at a higher fee",
      { whileOpen: (net) => [net.commit("dan", 2n * FEE), net.commit("dan")] },
      "done",
    ],
  ])("%s: every check holds", (_, script, phase) => {
    const { ok, checks, outcome } = judged(new LyingNetwork(script));
    expect(checks.filter((one) => !one.ok)).toEqual([]);
    expect([ok, outcome]).toEqual([true, expect.objectContaining({ phase, passedOver: 0 })]);
  });
});

describe("an auction whose log has a gap", () => {
  // By the parameters a gap of more than 8 s is an outage; 80 s later one more may follow the fourth.
  const GAP_MS = 9000;
  const terms = { commitMs: 10_000 };
  it.each([0, 1, 2, 3, 4])("verifies with %i outages just before it", (outages) => {
    const net = new LyingNetwork({ terms, before: Array(outages).fill(GAP_MS), pauseMs: GAP_MS });
    const stoodStill = net.ledger.clock.outagesMs === (outages + 1) * GAP_MS;
    expect(stoodStill, "the fifth runs").toBe(outages < 4);
    expect(judged(net).checks.filter((one) => !one.ok)).toEqual([]);
  });

  it.each([-600, -300, 0, 300, 600])(
    "verifies with outages %i ms from having had the rest they need",
    (byMs) => {
      const before = [...Array(4).fill(GAP_MS), ...Array(9).fill(8000), 8000 - 3 * 300 + byMs];
      const net = new LyingNetwork({ terms, before, pauseMs: GAP_MS });
      expect(judged(net).checks.filter((one) => !one.ok)).toEqual([]);
    },
  );
});

describe("a quorum that lies", () => {
  const other = new Uint8Array(32).fill(7);
  const lies: [name: string, Script, Lie, CheckName][] = [
    ["another winner", {}, awardedTo("bob"), "outcome"],
    ["another share", {}, awardedTo("ann", { pays: 299n }), "outcome"],
    ["another price", {}, ending((phase) => ({ ...phase, clearingPrice: 299n })), "outcome"],
    ["another burn", {}, ending((phase) => ({ ...phase, burned: 0n })), "outcome"],
    ["unsold", {}, ending(({ clearingPrice: _, ...end }) => ({ ...end, kind: "unsold" })), "outcome"],
    ["an end inside the reveal window", {}, endingAt(-1), "phases"],
    [
      "an end before the last reveals",
      {},
      {
        ...endingAt(-2),
        commits: (rows) => void rows.set("bob", { ...rows.get("bob")!, opening: null }),
      },
      "phases",
    ],
    ["an end too late", {}, endingAt(1), "phases"],
    [
      "a commit after the close",
      { whileReveal: (net) => [net.commit("dan")] },
      {
        commits: (rows, net) => {
          const height = net.entries.findLastIndex((one) => one.ops.length > 0) + 1;
          rows.set("dan", net.commitRowOf("dan", height));
        },
        auction: (row) => ({ ...row, commits: 4, phase: { ...(row.phase as Done), burned: 2000n } }),
      },
      "phases",
    ],
    [
      "a commit after the end",
      { reveals: [], afterEnd: (net) => [net.commit("dan")] },
      {
        commits: (rows, net) => {
          const height = net.entries.findLastIndex((one) => one.ops.length > 0) + 1;
          rows.set("dan", net.commitRowOf("dan", height));
        },
        auction: (row) => ({ ...row, commits: 4 }),
      },
      "phases",
    ],
    ["a reveal before the close", { whileOpen: (net) => [net.reveal("cid")] }, revealed, "openings"],
    [
      "an end at the time of no entry",
      {},
      ending((phase) => ({ ...phase, endedMs: phase.endedMs - 1 })),
      "phases",
    ],
    [
      "a creation at the time of no entry",
      {},
      { auction: (row) => ({ ...row, createdMs: row.createdMs + 1 }) },
      "phases",
    ],
    [
      "void by a false time",
      { terms: { lot: { ...LOT, toMs: START_MS + 50_000 } } },
      ending(({ clearingPrice: _, ...end }) => ({ ...end, kind: "void", endedMs: START_MS + 50_000 })),
      "phases",
    ],
    ["a false count of reveals", {}, { auction: (row) => ({ ...row, reveals: 3 }) }, "openings"],
    [
      "an opening that is another auction's",
      { whileReveal: (net) => [net.reveal("cid", { auction: other })] },
      revealed,
      "openings",
    ],
    [
      "an opening of another amount",
      { whileReveal: (net) => [net.reveal("cid", { amount: 701n })] },
      revealed,
      "openings",
    ],
    [
      "a reveal that is not shown",
      { reveals: ["ann", "bob", "cid"] },
      {
        commits: (rows) => void rows.set("cid", { ...rows.get("cid")!, opening: null }),
        auction: (row) => ({
          ...row,
          reveals: 2,
          phase: { ...(row.phase as Done), clearingPrice: 300n, burned: 1000n },
        }),
      },
      "openings",
    ],
    [
      "an opened reserve below the public one",
      { hidden: 5n },
      {
        auction: (row) => ({ ...row, openedReserve: 5n, phase: { ...(row.phase as Done), burned: 1000n } }),
      },
      "openings",
    ],
    [
      "a certificate of another term",
      {},
      { certificate: (cert) => ({ ...cert, term: cert.term + 1 }) },
      "certificate",
    ],
    [
      "a state executed ahead of its height",
      {},
      { header: (one, height) => (height === 9 ? { ...one, execHeight: 9 } : one) },
      "headers",
    ],
    [
      "a tail with operations",
      {},
      { header: (one, height) => (height === 3 ? { ...one, kind: "tail" } : one) },
      "headers",
    ],
    [
      "a commit that its bidder did not sign",
      {},
      {
        commits: (rows, net) => void rows.set("dan", net.commitRowOf("dan", 3)),
        auction: (row) => ({ ...row, commits: 4 }),
      },
      "commitments",
    ],
    [
      "terms that the seller did not sign",
      {},
      { auction: (row) => ({ ...row, terms: { ...row.terms, reserve: 9n } }) },
      "terms",
    ],
  ];
  it.each(lies)("%s: is refused by the check that covers it", (_, script, lie, check) => {
    expect(refusing(script, lie)).toBe(check);
  });

  it("a bid left out verifies, and is counted: for the completeness of bids the quorum is trusted", () => {
    const net = new LyingNetwork({ whileOpen: (one) => [one.commit("dan")] });
    const end = net.live.phase as Done;
    const { ok, outcome, checks } = judged(net, {
      commits: (rows) => void rows.delete("dan"),
      auction: (row: AuctionRow) => ({ ...row, commits: 3, phase: { ...end, burned: end.burned - 1000n } }),
    });
    expect([ok, outcome?.passedOver]).toEqual([true, 1]);
    expect(checks.find((one) => one.name === "phases")?.detail).toContain(
      "1 bids or terms are not as they were signed",
    );
  });

  it("many headers with one root that has all rows but the last: the rows are tried once", () => {
    const net = new LyingNetwork();
    const { proofs, ...transcript } = net.transcript();
    const elsewhere = net.transcript({ auction: (row) => ({ ...row, reveals: 3 }) }).proofs;
    const root = net.ledger.tree.root();
    let reads = 0;
    const header = {
      execHeight: net.entries.length,
      get execRoot() {
        reads++;
        return root;
      },
    } as Header;
    const entries = Array.from({ length: 1000 }, () => ({ header, operations: [] }));
    const checked = checkProofs(
      { ...transcript, proofs: [...proofs.slice(0, -1), elsewhere.at(-1)!] },
      entries,
    );
    expect(checked).toEqual({ ok: false, error: "no header's state root has these rows" });
    expect(reads).toBeLessThanOrEqual(entries.length + proofs.length);
  });

  /** What of outages was used up before an auction its log does not tell, and where none would have counted it means nothing (K16). */
  const tellsOnlyOfOutages = (told: Uint8Array, row: Uint8Array): boolean => {
    const [one, other] = [told, row].map((bytes) => decode(auctionRow, bytes, MAX_ROW_BYTES));
    if (!one!.ok || !other!.ok) return false;
    return equalBytes(encode(auctionRow, { ...one!.value, spentMs: other!.value.spentMs }), row);
  };

  it("one bit changed in any byte of any row, and proven and certified anew: some check refuses it", () => {
    const net = new LyingNetwork({ hidden: 400n });
    const found = new Map<CheckName, number>();
    const survived: string[] = [];
    const rows: Uint8Array[] = [];
    const kept = (value: Uint8Array): Uint8Array => {
      rows.push(value);
      return value;
    };
    net.transcript({ bytes: kept });
    for (const [place, row] of rows.entries()) {
      for (let at = 0; at < row.length; at++) {
        const changed = row.map((byte, i) => (i === at ? byte ^ (1 << (at % 8)) : byte));
        if (place === 0 && tellsOnlyOfOutages(changed, row)) continue;
        const bytes = (value: Uint8Array, of: number) => (of === place ? changed : value);
        const failed = judged(net, { bytes }).checks.find((one) => !one.ok)?.name;
        if (failed === undefined) survived.push(`row ${place} byte ${at}`);
        else found.set(failed, (found.get(failed) ?? 0) + 1);
      }
    }
    expect(survived).toEqual([]);
    for (const check of ["proofs", "terms", "commitments", "phases", "openings", "outcome"] as const)
      expect([check, found.get(check) ?? 0]).not.toEqual([check, 0]);
  });
});
