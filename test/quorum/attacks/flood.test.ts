// Attack: one member says as much as the rules let through, for a minute. What the others remember has a bound.
// Scenario 22 of spec/scenarios.
import { describe, expect, it } from "vitest";
import {
  entryIdOf,
  MAX_CACHED_BODIES,
  type Propose,
  type QuorumMessage,
  TERM_WINDOW,
} from "../../../src/quorum/index.js";
import { forgeVote, reproposed } from "../harness/byzantine.js";
import { violations } from "../harness/checks.js";
import type { Cluster } from "../harness/cluster.js";
import { testHash, text } from "../harness/keys.js";
import { finalAt, running, tell } from "./parts.js";

const LIAR = 1;
const KEEP = 16;
const HONEST = [0, 2, 3];

/** Votes of every kind for three entries in every term within reach, and beyond. */
function* votes(cluster: Cluster, around: number): Generator<QuorumMessage> {
  for (let term = Math.max(1, around - KEEP); term < around + TERM_WINDOW + 8; term += 3) {
    for (let i = 0; i < 3; i++) {
      for (const kind of ["ack", "commit"] as const) {
        yield { kind: "vote", vote: forgeVote(cluster, LIAR, kind, term, testHash(`e${i}`)) };
      }
    }
    yield { kind: "vote", vote: forgeVote(cluster, LIAR, "skip", term) };
  }
}

/** Three proposals for each of its turns within reach, each on a parent that nobody ever heard of, far in the future. */
function* proposals(cluster: Cluster, model: Propose, around: number): Generator<QuorumMessage> {
  const { electorate } = cluster.members[0]!.voter!;
  for (let term = Math.max(1, around - KEEP); term < around + TERM_WINDOW + 8; term++) {
    if (electorate.leaderOf(term) !== LIAR) continue;
    for (let i = 0; i < 3; i++) {
      const parentHeader = { ...model.entry.header, term: 2 ** 50 + term, timeMs: i + 1 };
      const change = { term, leader: LIAR, parent: entryIdOf(parentHeader), parentTerm: term - 1 };
      const propose = reproposed(
        cluster.seats.signers[LIAR]!,
        { ...model, parentHeader, parentCert: null },
        change,
      );
      yield { kind: "propose", propose };
    }
  }
}

describe("a minute of flood by one of four", () => {
  const cluster = running(4, { keepTerms: KEEP });
  const first = cluster.members.flatMap(({ outputs }) =>
    outputs.flatMap(({ sends }) => sends.map((one) => one.message)),
  );
  const model = first.flatMap((one) => (one.kind === "propose" ? [one.propose] : []))[0]!;
  for (let second = 0; second < 60; second++) {
    cluster.run(1000);
    const { term } = cluster.members[0]!.voter!;
    for (const at of HONEST) {
      for (const message of votes(cluster, term)) tell(cluster, at, message, LIAR);
      for (const message of proposals(cluster, model, term)) tell(cluster, at, message, LIAR);
    }
  }

  it("leaves what each of the others remembers within its bounds", () => {
    for (const at of HONEST) {
      const { voter, rows } = cluster.members[at]!;
      const open = voter!.maxTermSeen - voter!.lastFinal.term;
      expect(voter!.sheets.size).toBeLessThanOrEqual(KEEP + open + TERM_WINDOW + 2);
      for (const sheet of voter!.sheets.values()) {
        expect(sheet.proposals.length).toBeLessThanOrEqual(2);
        // Two entries by the liar, one by the honest, and the skips.
        expect(sheet.tallies.length).toBeLessThanOrEqual(2 * 3 + 1);
      }
      // Headers of KEEP final terms; two proposals, with their parents, in each open or coming turn of the liar.
      expect(voter!.entries.size).toBeLessThanOrEqual(KEEP + open + 2 * 2 * (TERM_WINDOW / 4 + open) + 2);
      const bodies = [...voter!.entries.values()].filter(({ body }) => body !== null);
      expect(bodies.length).toBeLessThanOrEqual(2 * (MAX_CACHED_BODIES + open + MAX_CACHED_BODIES) + 2);
      expect(voter!.justifications.size).toBeLessThanOrEqual(KEEP);
      expect(voter!.asks.size).toBeLessThanOrEqual(4);
      expect(voter!.queue).toEqual([]);
      expect(rows.size).toBeLessThanOrEqual(12 * (KEEP + open + 4));
    }
  });

  it("leaves nothing behind once it is over", () => {
    cluster.run(3 * KEEP * 500);
    for (const at of HONEST) {
      const { voter } = cluster.members[at]!;
      const open = voter!.maxTermSeen - voter!.lastFinal.term;
      const headers = [...voter!.entries.values()].map(({ header }) => header.term);
      expect(Math.max(...headers)).toBeLessThanOrEqual(voter!.maxTermSeen + TERM_WINDOW);
      expect(voter!.entries.size).toBeLessThanOrEqual(KEEP + open + 2);
    }
  });

  it("convicts the liar alone, and hinders nobody", () => {
    cluster.submit(text("after the flood"), HONEST);
    expect(cluster.run(5000, finalAt(cluster, "after the flood", HONEST))).toBe(true);
    const accused = new Set(
      HONEST.flatMap((at) =>
        cluster.members[at]!.evidence.map((one) =>
          one.kind === "votes" ? one.a.signer : one.a.header.leader,
        ),
      ),
    );
    expect([...accused]).toEqual([LIAR]);
    expect(violations(cluster, HONEST).filter((law) => !law.includes(`seat ${LIAR}`))).toEqual([]);
  });
});

describe("questions", () => {
  it("of one member are answered a few times in each interval of delta; another's still are", () => {
    const cluster = running();
    const member = cluster.members[0]!;
    const { id } = [...member.voter!.entries.values()].find(({ body }) => body !== null)!;
    const answers = (from: number | null): number => {
      tell(cluster, 0, { kind: "getEntry", entryId: id }, from);
      return member.outputs.flatMap(({ sends }) => sends.filter(({ to }) => to.kind === "peer")).length;
    };
    let answered = 0;
    for (let i = 0; i < 100; i++) answered += answers(LIAR);
    expect(answered).toBe(8);
    expect(answers(2)).toBe(1);
    expect(answers(null)).toBe(0);
    cluster.nowMs += 50;
    expect(answers(LIAR)).toBe(1);
  });

  it("answered with a frame of forgeries cost one check of a signature", () => {
    const cluster = running();
    const voter = cluster.members[0]!.voter!;
    voter.asks.set("certs/9", { atMs: cluster.nowMs, times: 1 });
    const certs = Array.from({ length: 500 }, (_, i) => ({
      type: "skip" as const,
      epoch: 0,
      setHash: voter.electorate.setHash,
      term: voter.term + i,
      entryId: new Uint8Array(32),
      signers: [1, 2, 3],
      sigs: [1, 2, 3].map((n) => new Uint8Array(64).fill(n)),
    }));
    const { calls } = cluster.seats.verifier;
    expect(tell(cluster, 0, { kind: "certs", certs }, LIAR)).toEqual(["BAD_CERTIFICATE"]);
    expect(cluster.seats.verifier.calls - calls).toBe(1);
  });
});
