// Broken rules are noticed: each replaced predicate breaks a law that the checkers watch, and the honest table none.
import { describe, expect, it } from "vitest";
import { equalBytes } from "../../src/base/index.js";
import { formCertificate, HONEST_RULES, type VotingRules } from "../../src/quorum/index.js";
import { PREFIX } from "../../src/quorum/log/rows.js";
import { MUTANT } from "../../testnet/lab/simulate/mutants.js";
import { equivocate, forgetGap, forgeVote } from "./harness/byzantine.js";
import { type ChaosOptions, chaos } from "./harness/chaos.js";
import { violations } from "./harness/checks.js";
import { Cluster } from "./harness/cluster.js";
import { testHash } from "./harness/keys.js";

const SEEDS = 40;

/** The first law broken in a run of many seeds; null if none is. */
function firstBroken(options: Omit<ChaosOptions, "seed">): string | null {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { broken } = chaos({ ...options, seed, chaosMs: 4000 });
    if (broken.length > 0) return broken[0]!;
  }
  return null;
}

const skipAndCommit: VotingRules = {
  ...HONEST_RULES,
  maySkip: (own) => !own.skipped,
  mayCommit: (own, id) => own.committed === null && (own.acked === null || equalBytes(own.acked, id)),
};

/** Seat 0 skips a term; long after, it is shown an AckCert for that term that the others might have hoarded. */
function commitsWhatItSkipped(rules: VotingRules): boolean {
  const cluster = new Cluster(4, { keepTerms: 4, rules });
  cluster.start();
  cluster.run(2000);
  cluster.faults.passes = () => false;
  const skipped = (): number | undefined =>
    [...cluster.said[0]!.values()].flatMap((one) =>
      one.kind === "vote" && one.vote.type === "skip" ? [one.vote.term] : [],
    )[0];
  cluster.run(60_000, () => skipped() !== undefined);
  const term = skipped()!;
  cluster.faults.passes = () => true;
  const { voter } = cluster.members[0]!;
  cluster.run(600_000, () => voter!.lastFinal.term > term + 20);
  expect(voter!.sheets.has(term)).toBe(false);
  const votes = [1, 2, 3].map((seat) => forgeVote(cluster, seat, "ack", term, testHash("hoarded")));
  cluster.send(1, [{ to: 0, message: { kind: "cert", cert: formCertificate(votes) } }]);
  cluster.run(100);
  return violations(cluster, [0]).some((law) => law.includes("convicted"));
}

/** Seat 0 of two loses the batch of its last proposal, which it had said already; its guard file kept the record. */
function contradictsItsProposal(rules: VotingRules, runMs: number): boolean {
  const cluster = new Cluster(2, { rules });
  cluster.start();
  cluster.run(runMs);
  const [member] = cluster.members;
  const proposals = (): number =>
    [...cluster.said[0]!.values()].filter(({ kind }) => kind === "propose").length;
  const before = proposals();
  let copy = { rows: new Map(member!.rows), log: [...member!.log] };
  cluster.run(5000, () => {
    if (proposals() > before) return true;
    copy = { rows: new Map(member!.rows), log: [...member!.log] };
    return false;
  });
  cluster.crash(0);
  Object.assign(member!, copy);
  cluster.faults.passes = () => false;
  cluster.restart(0);
  cluster.run(5000);
  return violations(cluster, [0]).some((law) => law.includes("convicted"));
}

describe("a broken rule", () => {
  it("guard-without-proposals: a leader of two whose database is older proposes twice in one term", () => {
    const moments = [1000, 2100, 3600];
    const { rules } = MUTANT["guard-without-proposals"];
    expect(moments.some((runMs) => contradictsItsProposal(HONEST_RULES, runMs))).toBe(false);
    expect(moments.some((runMs) => contradictsItsProposal(rules, runMs))).toBe(true);
  });

  it("no-gap-check: a leader that forgets a gap splits the chain", () => {
    const rules = { ...HONEST_RULES, gapIsJustified: () => true };
    const bends = new Map([[1, forgetGap]]);
    expect(firstBroken({ size: 4, bends })).toBeNull();
    expect(firstBroken({ size: 4, bends, rules })).not.toBeNull();
  });

  it("skip-after-commit: honest members sign both", () => {
    const bends = new Map([[1, equivocate]]);
    expect(firstBroken({ size: 4, bends, rules: skipAndCommit })).toMatch(/fork|convicted|disagrees/);
  });

  it("prune-without-floor: an AckCert hoarded for KEEP terms makes a member COMMIT what it skipped", () => {
    expect(commitsWhatItSkipped(HONEST_RULES)).toBe(false);
    expect(commitsWhatItSkipped({ ...HONEST_RULES, floorOf: (_final, barrier) => barrier })).toBe(true);
  });

  it("forget-votes: a restarted member contradicts itself", () => {
    const forgets = (key: string): boolean => key.startsWith(PREFIX.own);
    expect(firstBroken({ size: 3, forgets })).toMatch(/fork|convicted|disagrees/);
  });
});
