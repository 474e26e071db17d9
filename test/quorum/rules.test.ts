// The arithmetic of quorums, and what the table of rules allows.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  byzantineTolerance,
  type Certificate,
  electorate,
  type Header,
  HONEST_RULES,
  type OwnVotes,
  quorumPower,
} from "../../src/quorum/index.js";
import { testHash, testSeats } from "./harness/keys.js";
import { CHAIN } from "./harness/member.js";

const NONE: OwnVotes = { proposed: null, acked: null, skipped: false, committed: null };
const a = testHash("a");
const b = testHash("b");

describe("what an entry holds of the bulk lane", () => {
  const boundAfter = (bound: number, operations: number, tookMs: number | null) =>
    HONEST_RULES.bulkBound(bound, { operations, tookMs, deltaMs: 100 });

  it("doubles what a quick term bore, up to an entry's most, and never falls by it", () => {
    expect(boundAfter(64, 64, 100)).toBe(128);
    expect(boundAfter(64, 64, 101)).toBe(64);
    expect(boundAfter(512, 10, 0)).toBe(512);
    expect(boundAfter(1200, 1200, 0)).toBe(2000);
  });

  it("is half of what a slow or skipped term held, and 64 at least", () => {
    expect(boundAfter(2000, 1000, 400)).toBe(2000);
    expect(boundAfter(2000, 1000, 401)).toBe(500);
    expect(boundAfter(2000, 1001, null)).toBe(500);
    expect(boundAfter(2000, 65, null)).toBe(64);
    expect(boundAfter(2000, 64, null), "so few are no reason").toBe(2000);
    expect(boundAfter(100, 2000, null), "it does not grow by a failure").toBe(100);
  });
});

describe("quorum and tolerance", () => {
  it("two quorums share an honest member and the honest are a quorum, for every size to 200", () => {
    for (let n = 1; n <= 200; n++) {
      const f = byzantineTolerance(n);
      const q = quorumPower(n);
      expect(2 * q - n).toBeGreaterThanOrEqual(f + 1);
      expect(q).toBeLessThanOrEqual(n - f);
      expect(q).toBe(Math.floor((n + f) / 2) + 1);
    }
  });

  it("every member leads once in each run of n terms", () => {
    for (const size of [1, 2, 3, 4, 7, 16, 100]) {
      const members = electorate(testSeats(size).set, CHAIN);
      for (const from of [1, size + 1, 5 * size + 3]) {
        const leaders = Array.from({ length: size }, (_, i) => members.leaderOf(from + i));
        expect(new Set(leaders).size).toBe(size);
      }
    }
  });
});

describe("the honest rules", () => {
  it("whatever is signed in whatever order by their leave, no pair of it is a fault", () => {
    const wishes = fc.array(fc.tuple(fc.constantFrom("propose", "ack", "skip", "commit"), fc.boolean()), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(wishes, (list) => {
        let own = NONE;
        const acks: Uint8Array[] = [];
        const commits: Uint8Array[] = [];
        let skips = 0;
        let proposals = 0;
        for (const [kind, first] of list) {
          const id = first ? a : b;
          if (kind === "propose" && HONEST_RULES.mayPropose(own)) {
            own = { ...own, proposed: id };
            proposals++;
          }
          if (kind === "ack" && HONEST_RULES.mayAck(own)) {
            own = { ...own, acked: id };
            acks.push(id);
          }
          if (kind === "skip" && HONEST_RULES.maySkip(own)) {
            own = { ...own, skipped: true };
            skips++;
          }
          if (kind === "commit" && HONEST_RULES.mayCommit(own, id)) {
            own = { ...own, committed: id };
            commits.push(id);
          }
        }
        expect(proposals).toBeLessThanOrEqual(1);
        expect(acks.length).toBeLessThanOrEqual(1);
        expect(commits.length).toBeLessThanOrEqual(1);
        expect(skips === 0 || commits.length === 0).toBe(true);
        expect(acks.length === 0 || commits.length === 0 || acks[0] === commits[0]).toBe(true);
      }),
    );
  });

  it("a gap is justified by exactly its terms' SkipCerts, none of them final", () => {
    const header = (term: number, parentTerm: number) => ({ term, parentTerm }) as Header;
    const skip = (term: number) => ({ type: "skip", term }) as Certificate;
    const { gapIsJustified } = HONEST_RULES;
    expect(gapIsJustified(header(5, 4), [], 4)).toBe(true);
    expect(gapIsJustified(header(5, 4), null, 0)).toBe(false);
    expect(gapIsJustified(header(5, 2), [skip(3), skip(4)], 2)).toBe(true);
    expect(gapIsJustified(header(5, 2), [skip(3)], 0)).toBe(false);
    expect(gapIsJustified(header(5, 2), [skip(4), skip(3)], 0)).toBe(false);
    expect(gapIsJustified(header(5, 2), [skip(3), skip(4)], 3)).toBe(false);
    expect(gapIsJustified(header(5, 2), [skip(3), { ...skip(4), type: "ack" }], 0)).toBe(false);
  });

  it("the floor is the last final term or the barrier, and pruning stays KEEP terms below the final one", () => {
    expect(HONEST_RULES.floorOf(7, 3)).toBe(7);
    expect(HONEST_RULES.floorOf(7, 9)).toBe(9);
    expect(HONEST_RULES.prunesBelow(300, 5000, 256)).toBe(44);
  });
});
