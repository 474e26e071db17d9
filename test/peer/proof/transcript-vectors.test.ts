// Vectors of transcripts: whole ones that every verifier accepts, and changes of them, each with the check that refuses it.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { transcriptFromView, transcriptToView } from "../../../node/api/transcript-json.js";
import type { TranscriptView } from "../../../node/contract/index.js";
import { fromHex } from "../../../src/base/index.js";
import type { EndedPhase, Operation } from "../../../src/market/index.js";
import { type CheckName, VERIFICATION_CHECKS, verifyTranscript } from "../../../src/peer/index.js";
import type { Header } from "../../../src/quorum/index.js";
import { plain, vectors } from "../../vectors.js";
import { idOf, LOT, START_MS, verifier } from "../cluster.js";
import { awardedTo, type Lie, LyingNetwork, type Script } from "./lying-network.js";

const LAPSES = { lot: { ...LOT, toMs: START_MS + 300 + 1000 + 1200 + 1000 } };
const HIDDEN = { reserveHash: idOf("a hidden reserve"), bond: 1000n };
/** A certificate of exactly Q members. */
const byQuorum: Lie = {
  certificate: (cert) => ({
    ...cert,
    signers: [0, 1, 3],
    sigs: [cert.sigs[0]!, cert.sigs[1]!, cert.sigs[3]!],
  }),
};

interface Accepted {
  readonly script: Script;
  readonly lie?: Lie;
  readonly says: string;
}

const ACCEPTED = {
  sold: {
    says: "two tied best bids, a withheld one whose lockup burns, two skipped terms, a certificate of Q members",
    script: { amounts: { ann: 500n, bob: 500n }, gapAt: 6 },
    lie: byQuorum,
  },
  hidden_opened: { says: "a hidden reserve is opened, and is the price", script: { hidden: 400n } },
  hidden_kept: {
    says: "a hidden reserve is not opened: the bond burns, the public reserve applies",
    script: { terms: HIDDEN },
  },
  unsold: { says: "every bid is under the reserve", script: { terms: { reserve: 900n } } },
  no_bids: { says: "nobody bids", script: { bidders: [] } },
  void: { says: "the lot has lapsed when REVEAL was due", script: { terms: LAPSES } },
  all_shown: { says: "every bid is shown: REVEAL ends early", script: { reveals: ["ann", "bob", "cid"] } },
  replaced: {
    says: "a commit replaces an earlier one; a commit of the seller and a reveal of nothing change nothing",
    script: {
      whileOpen: (net) => [net.commit("ann"), net.signed("sue", net.commit("dan").body)],
      whileReveal: (net) => [net.reveal("dan")],
    },
  },
  outage: {
    says: "a gap that is an outage moves the close",
    script: { terms: { commitMs: 10_000 }, pauseMs: 9000 },
  },
  outages_before: {
    says: "outages before the auction, which its log does not tell of, have used up what may follow each other: the gap runs",
    script: { terms: { commitMs: 10_000 }, before: Array(4).fill(9000), pauseMs: 9000 },
  },
  first_price: {
    says: "first price: the winner pays its bid",
    script: { terms: { format: { kind: "first-price" } } },
  },
  bought: {
    says: "a purchase: the lowest ask is paid the second, out of the ceiling; an ask above its lockup is opened",
    script: {
      terms: { direction: "buy", reserve: 1500n, lockups: [1000n] },
      amounts: { ann: 1200n },
      reveals: ["ann", "bob"],
    },
  },
  bought_first_price: {
    says: "a purchase at first price with a bond; the ask above the ceiling never wins",
    script: {
      terms: { format: { kind: "first-price" }, direction: "buy", reserve: 400n, bond: 7n },
      reveals: ["ann", "bob", "cid"],
    },
  },
  bought_by_standing: {
    says: "a purchase that weighs standing: a commit's row keeps its bidder's, the same of all as yet",
    script: {
      terms: { direction: "buy", reserve: 1500n, standingWeight: 2500 },
      reveals: ["ann", "bob", "cid"],
    },
  },
  uniform: {
    says: "by units: the best bid is filled, two of one amount share what is left, the rest of a unit goes by tie key",
    script: {
      terms: { format: { kind: "uniform" } },
      amounts: { ann: 200n, bob: 90n, cid: 90n },
      units: { ann: 3, bob: 5, cid: 5 },
      reveals: ["ann", "bob", "cid"],
    },
  },
  uniform_unfilled: {
    says: "by units: two bids are for less than there is, and pay the reserve; one is above its lockup, and burns",
    script: {
      terms: { format: { kind: "uniform" } },
      amounts: { ann: 200n, bob: 90n },
      units: { ann: 3, bob: 4, cid: 2 },
      reveals: ["ann", "bob", "cid"],
    },
  },
  bought_uniform: {
    says: "a purchase by units: the lowest asks are filled, and paid the ask that does not fit",
    script: {
      terms: { format: { kind: "uniform" }, direction: "buy", reserve: 800n },
      units: { ann: 6, bob: 1, cid: 8 },
      reveals: ["ann", "bob", "cid"],
    },
  },
  left_out: {
    says: "a signed commit has no row: accepted, and counted as passed over",
    script: { whileOpen: (net) => [net.commit("dan")] },
    lie: {
      commits: (rows) => void rows.delete("dan"),
      auction: (row) => ({
        ...row,
        commits: 3,
        phase: {
          ...(row.phase as EndedPhase),
          burned: (row.phase as EndedPhase).burned - 1000n,
        } as EndedPhase,
      }),
    },
  },
} as const satisfies Readonly<Record<string, Accepted>>;
type Name = keyof typeof ACCEPTED;

type Done = Extract<EndedPhase, { kind: "done" }>;
const ending = (change: (phase: Done, net: LyingNetwork) => EndedPhase): Lie => ({
  auction: (row, net) => ({ ...row, phase: change(row.phase as Done, net) }),
});
/** Bob, of whom something is bought, is paid otherwise. */
const receiving = (receives: bigint): Lie => ({
  commits(rows) {
    const bob = rows.get("bob")!;
    rows.set("bob", { ...bob, award: { ...bob.award!, receives } });
  },
});
/** The state says that bob's standing is another. */
const ofStanding = (standing: number | null): Lie => ({
  commits: (rows) => void rows.set("bob", { ...rows.get("bob")!, standing }),
});
/** The unit that the tie key gave bob or cid is the other's, at the same price. */
const anotherUnit: Lie = {
  commits(rows) {
    const [bob, cid] = [rows.get("bob")!, rows.get("cid")!];
    rows.set("bob", { ...bob, award: cid.award });
    rows.set("cid", { ...cid, award: bob.award });
  },
};
const endingAt = (by: number): Lie =>
  ending((phase, net) => ({
    ...phase,
    endedAt: phase.endedAt + by,
    endedMs: net.timeAt(phase.endedAt + by),
  }));
/** Of the last header but one, so that few others hang on it. */
const nearTheEnd = (change: Partial<Header> | ((one: Header) => Partial<Header>)): Lie => ({
  header: (one, height, { entries }) =>
    height === entries.length - 1
      ? { ...one, ...(typeof change === "function" ? change(one) : change) }
      : one,
});
const unsigned = (op: Operation): Operation => ({ ...op, sig: new Uint8Array(64) });
const until = (op: Operation, validUntilMs: number): Operation => ({
  ...op,
  authority: { ...op.authority!, validUntilMs },
});

/** What a quorum signs that is not so, with the check that refuses it; from a script of its own where that is given. */
const LIES: readonly (readonly [name: string, check: CheckName, of: Name, lie: Lie, script?: Script])[] = [
  [
    "a header that does not ascend in time",
    "headers",
    "unsold",
    nearTheEnd(({ timeMs }) => ({ timeMs: timeMs - 300 })),
  ],
  [
    "a header whose leader is out of turn",
    "headers",
    "unsold",
    nearTheEnd(({ leader }) => ({ leader: (leader + 1) % 4 })),
  ],
  ["a header of another epoch", "headers", "unsold", nearTheEnd({ epoch: 1 })],
  [
    "a header whose state is ahead of it",
    "headers",
    "unsold",
    nearTheEnd(({ height }) => ({ execHeight: height })),
  ],
  [
    "a tail with operations",
    "headers",
    "unsold",
    { header: (one, height) => (height === 3 ? { ...one, kind: "tail" } : one) },
  ],
  [
    "a certificate of one member too few",
    "certificate",
    "unsold",
    { certificate: (cert) => ({ ...cert, signers: [0, 1], sigs: cert.sigs.slice(0, 2) }) },
  ],
  [
    "a certificate in which one member stands twice",
    "certificate",
    "unsold",
    { certificate: (cert) => ({ ...cert, signers: [0, 1, 1], sigs: [0, 1, 1].map((i) => cert.sigs[i]!) }) },
  ],
  [
    "a certificate of acknowledgements",
    "certificate",
    "unsold",
    { certificate: (_, header, net) => net.certify(header, header.term, "ack") },
  ],
  [
    "a certificate of another term",
    "certificate",
    "unsold",
    { certificate: (_, header, net) => net.certify(header, header.term + 1) },
  ],
  [
    "a certificate whose signatures stand in another order",
    "certificate",
    "unsold",
    { certificate: (cert) => ({ ...cert, sigs: [...cert.sigs].reverse() }) },
  ],
  [
    "an operation without its signature",
    "signatures",
    "unsold",
    {},
    { ...ACCEPTED.unsold.script, whileOpen: (net) => [unsigned(net.commit("dan"))] },
  ],
  [
    "an operation twice in an entry",
    "signatures",
    "unsold",
    {},
    { ...ACCEPTED.unsold.script, whileOpen: (net) => [net.commit("dan"), net.commit("dan")] },
  ],
  [
    "an operation that has expired",
    "signatures",
    "unsold",
    {},
    { ...ACCEPTED.unsold.script, whileOpen: (net) => [until(net.commit("dan"), START_MS)] },
  ],
  [
    "other terms than the seller signed",
    "terms",
    "unsold",
    { auction: (row) => ({ ...row, terms: { ...row.terms, reserve: 899n } }) },
  ],
  [
    "a commit that its bidder did not sign",
    "commitments",
    "unsold",
    {
      commits: (rows, net) => void rows.set("dan", net.commitRowOf("dan", 3)),
      auction: (row) => ({ ...row, commits: 4 }),
    },
  ],
  ["an end before REVEAL has run out", "phases", "hidden_kept", endingAt(-1)],
  ["an end too late", "phases", "hidden_kept", endingAt(1)],
  [
    "an end at the time of no entry",
    "phases",
    "hidden_kept",
    ending((phase) => ({ ...phase, endedMs: phase.endedMs - 1 })),
  ],
  [
    "a creation at the time of no entry",
    "phases",
    "unsold",
    { auction: (row) => ({ ...row, createdMs: row.createdMs + 1 }) },
  ],
  [
    "outages before the auction that have used up what a gap in it needs",
    "phases",
    "outage",
    { auction: (row) => ({ ...row, spentMs: 320_000 }) },
  ],
  [
    "outages before the auction that have used up less than they had",
    "phases",
    "outages_before",
    { auction: (row) => ({ ...row, spentMs: 0 }) },
  ],
  [
    "more outages before the auction than there can be",
    "phases",
    "unsold",
    { auction: (row) => ({ ...row, spentMs: 320_001 }) },
  ],
  [
    "another time at which REVEAL was due",
    "phases",
    "hidden_kept",
    ending((phase) => ({ ...phase, dueMs: phase.dueMs - 1 })),
  ],
  [
    "a commit after the close",
    "phases",
    "unsold",
    {
      commits: (rows, net) => {
        const height = net.entries.findLastIndex((one) => one.ops.length > 0) + 1;
        rows.set("dan", net.commitRowOf("dan", height));
      },
      auction: (row) => ({
        ...row,
        commits: 4,
        phase: { ...(row.phase as EndedPhase), burned: 2000n } as EndedPhase,
      }),
    },
    { ...ACCEPTED.unsold.script, whileReveal: (net) => [net.commit("dan")] },
  ],
  ["a false count of reveals", "openings", "unsold", { auction: (row) => ({ ...row, reveals: 3 }) }],
  [
    "a reserve that nobody opened",
    "openings",
    "hidden_kept",
    { auction: (row) => ({ ...row, openedReserve: 400n }) },
  ],
  [
    "a reveal of which the state tells nothing",
    "openings",
    "hidden_opened",
    { commits: (rows) => void rows.set("bob", { ...rows.get("bob")!, opening: null }) },
  ],
  [
    "a reveal before the close",
    "openings",
    "hidden_opened",
    { commits: (rows, net) => void rows.set("cid", { ...rows.get("cid")!, opening: net.openingOf("cid") }) },
    { hidden: 400n, whileOpen: (net) => [net.reveal("cid")] },
  ],
  ["another winner", "outcome", "hidden_opened", awardedTo("bob")],
  ["another share", "outcome", "hidden_opened", awardedTo("ann", { pays: 1n })],
  ["another payment", "outcome", "bought", receiving(1199n)],
  ["a standing that is not the bidder's", "openings", "bought_by_standing", ofStanding(5_001)],
  ["no standing where it weighs", "openings", "bought_by_standing", ofStanding(null)],
  ["a standing where none weighs", "openings", "bought", ofStanding(5_000)],
  ["a second price at first price", "outcome", "first_price", awardedTo("ann", { pays: 300n })],
  ["another unit at the margin", "outcome", "uniform", anotherUnit],
  ["another price of a unit", "outcome", "uniform", ending((phase) => ({ ...phase, clearingPrice: 91n }))],
  [
    "a bid of units that is above its lockup",
    "openings",
    "uniform_unfilled",
    { commits: (rows, net) => void rows.set("cid", { ...rows.get("cid")!, opening: net.openingOf("cid") }) },
  ],
  ["another price", "outcome", "hidden_opened", ending((phase) => ({ ...phase, clearingPrice: 300n }))],
  ["another burn", "outcome", "hidden_kept", ending((phase) => ({ ...phase, burned: 1000n }))],
  [
    "void though the lot lasts",
    "outcome",
    "hidden_opened",
    ending(({ clearingPrice: _, ...end }) => ({ ...end, kind: "void" })),
  ],
];

/** RFC 6902, of which these vectors use `replace` alone. */
interface Change {
  readonly op: "replace";
  readonly path: string;
  readonly value: unknown;
}

function changes(from: unknown, to: unknown, path = ""): Change[] {
  if (JSON.stringify(from) === JSON.stringify(to)) return [];
  const isLeaf = typeof from !== "object" || typeof to !== "object" || from === null || to === null;
  const parts = isLeaf ? [] : Object.keys(from);
  if (isLeaf || parts.length !== Object.keys(to).length) return [{ op: "replace", path, value: to }];
  return parts.flatMap((part) => changes((from as never)[part], (to as never)[part], `${path}/${part}`));
}

function changed(document: unknown, patch: readonly Change[]): unknown {
  const copy = { whole: structuredClone(document) };
  for (const { path, value } of patch) {
    const parts = `whole${path}`.split("/");
    const last = parts.pop()!;
    const place = parts.reduce<Record<string, never>>((at, part) => at[part]!, copy as never);
    Object.assign(place, { [last]: value });
  }
  return copy.whole;
}

/** One character of the base64 of a part, changed. */
const turned = (text: string, at: number): string =>
  text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);

type View = TranscriptView;
/** Changes that nobody has signed anew. */
const FORGERIES: readonly (readonly [
  name: string,
  check: CheckName,
  change: (view: View) => Partial<View>,
])[] = [
  ["a byte of the genesis", "genesis", ({ genesis }) => ({ genesis: turned(genesis, 40) })],
  ["the first entry is missing", "terms", ({ entries }) => ({ entries: entries.slice(1) })],
  ["an entry in the middle is missing", "headers", ({ entries }) => ({ entries: entries.toSpliced(4, 1) })],
  ["the last entry is missing", "certificate", ({ entries }) => ({ entries: entries.slice(0, -1) })],
  ["no entries", "headers", () => ({ entries: [] })],
  [
    "a byte of an operation",
    "operations",
    ({ entries }) => ({
      entries: entries.map((one, i) =>
        i === 2 ? { ...one, ops: [turned(one.ops[0]!, 100), ...one.ops.slice(1)] } : one,
      ),
    }),
  ],
  [
    "an operation is missing",
    "operations",
    ({ entries }) => ({
      entries: entries.map((one, i) => (i === 2 ? { ...one, ops: one.ops.slice(1) } : one)),
    }),
  ],
  [
    "a byte of the auction's row",
    "proofs",
    ({ proofs }) => ({ proofs: proofs.with(0, turned(proofs[0]!, 120)) }),
  ],
  [
    "a byte of a sibling",
    "proofs",
    ({ proofs }) => ({ proofs: proofs.with(1, turned(proofs[1]!, proofs[1]!.length - 60)) }),
  ],
  ["a commit's row is missing", "proofs", ({ proofs }) => ({ proofs: proofs.slice(0, -1) })],
  ["a commit's row stands twice", "proofs", ({ proofs }) => ({ proofs: proofs.with(2, proofs[1]!) })],
  [
    "rows of commits in another order",
    "proofs",
    ({ proofs }) => ({ proofs: [proofs[0]!, ...proofs.slice(1).reverse()] }),
  ],
  ["another auction's id", "proofs", ({ auction }) => ({ auction: turned(auction, 0).toLowerCase() })],
];

interface Index {
  readonly chain: string;
  readonly accepted: readonly { name: Name; outcome: unknown }[];
  readonly refused: readonly { name: string; of: Name; check: CheckName; patch: readonly Change[] }[];
}

describe("transcripts.json", () => {
  const nets = new Map<Name, View>();
  const chains = new Set<string>();
  const made = (script: Script, lie: Lie = {}): View => {
    const net = new LyingNetwork(script);
    chains.add(plain(net.network.chain) as string);
    return transcriptToView(net.transcript(lie));
  };
  const [named] = [Object.entries(ACCEPTED) as [Name, Accepted][]];
  for (const [name, { script, lie }] of named)
    nets.set(
      name,
      vectors<View>(`transcripts/${name}`, () => made(script, lie)),
    );

  const judged = (view: unknown, chain: string) => {
    const { checks, outcome, byzantineTolerance } = verifyTranscript(
      transcriptFromView(view as View),
      fromHex(chain)!,
      verifier,
    );
    return { refusing: checks.find((one) => !one.ok)?.name ?? null, outcome, byzantineTolerance };
  };

  const file = vectors<Index>("transcripts", () => {
    const refused = [
      ...FORGERIES.map(([name, check, change]) => {
        const view = nets.get("unsold")!;
        return { name, of: "unsold", check, patch: changes(view, { ...view, ...change(view) }) };
      }),
      ...LIES.map(([name, check, of, lie, script]) => ({
        name: `signed by the whole quorum: ${name}`,
        of,
        check,
        patch: changes(nets.get(of)!, made(script ?? ACCEPTED[of].script, lie)),
      })),
    ];
    const [chain] = chains;
    return {
      about:
        "Every transcript transcripts/<name>.json holds for `chain`, with this outcome. Each refused one is `of` with a JSON Patch (RFC 6902), and fails first at `check`, in the order of `checks`.",
      chain,
      checks: VERIFICATION_CHECKS,
      accepted: named.map(([name, { says }]) => ({ name, says, ...judged(nets.get(name)!, chain!) })),
      refused,
    };
  });

  it("is of one chain", () => void expect([...chains]).toEqual([file.chain]));

  it.each(file.accepted.map((one) => [one.name, one] as const))("%s holds", (name, { outcome }) => {
    const stored: unknown = JSON.parse(
      readFileSync(new URL(`../../vectors/transcripts/${name}.json`, import.meta.url), "utf8"),
    );
    expect(plain(judged(stored, file.chain))).toEqual({ refusing: null, outcome, byzantineTolerance: 1 });
  });

  it.each(file.refused.map((one) => [one.name, one] as const))(
    "%s: is refused",
    (_, { of, check, patch }) => {
      expect(patch.length).toBeGreaterThan(0);
      expect(judged(changed(nets.get(of), patch), file.chain).refusing).toBe(check);
    },
  );

  it("fails of another chain", () => {
    expect(judged(nets.get("sold"), "00".repeat(32)).refusing).toBe("genesis");
  });

  it("has a refused one for every check", () => {
    expect(new Set(file.refused.map(({ check }) => check))).toEqual(new Set(VERIFICATION_CHECKS));
  });
});
