// Over F: with two traitors of four the log forks; the honest stop with proof, and what they hold convicts both traitors.
import { describe, expect, it } from "vitest";
import { equalBytes } from "../../../src/base/index.js";
import {
  decodeEvidence,
  type Evidence,
  electorate,
  encodeEvidence,
  entryIdOf,
  type Vote,
  verifyCertificate,
  verifyEvidence,
} from "../../../src/quorum/index.js";
import { signerOf } from "../harness/checks.js";
import type { Cluster } from "../harness/cluster.js";
import { evidenceIn, forked, reunited, votesHeldBy } from "../harness/fork.js";
import { testSeats } from "../harness/keys.js";
import { CHAIN, MARKET, STEADY_RULES } from "../harness/member.js";
import { tell } from "./parts.js";

/** An outsider: it has the genesis set and a verifier, and has seen nothing of the log. */
const outsider = { set: electorate(testSeats(4).set, CHAIN), verifier: testSeats(4).verifier };

/** The seats that these votes convict before an outsider, from evidence that came over the wire; and by which faults. */
function convicted(votes: readonly Vote[]): { seats: readonly number[]; faults: ReadonlySet<string> } {
  const accepted = evidenceIn(votes).filter((evidence) => {
    const received = decodeEvidence(encodeEvidence(evidence));
    return received.ok && isProof(received.value);
  });
  const seats = [...new Set(accepted.map(signerOf))].sort((a, b) => a - b);
  return { seats, faults: new Set(accepted.map(({ type }) => type)) };
}

const isProof = (evidence: Evidence): boolean =>
  verifyEvidence(evidence, outsider.set, CHAIN, MARKET, outsider.verifier).ok;

/** The first height at which the logs of two members differ; null: one is the beginning of the other. */
function forkHeight(cluster: Cluster, a: number, b: number): number | null {
  const [left, right] = [cluster.members[a]!.log, cluster.members[b]!.log];
  const at = left.findIndex((entry, i) => {
    const other = right[i];
    return other !== undefined && !equalBytes(entryIdOf(entry.header), entryIdOf(other.header));
  });
  return at < 0 ? null : at + 1;
}

/** Both certificates are COMMITs of a quorum, before an outsider; and they name two entries. */
function provesFork(cluster: Cluster, at: number): void {
  const { voter, forks } = cluster.members[at]!;
  expect([voter!.standing, forks]).toEqual(["halted", 1]);
  const halt = voter!.halt;
  if (halt?.kind !== "fork") throw new Error(`halted for ${halt?.kind}`);
  expect(halt.certs.map(({ type }) => type)).toEqual(["commit", "commit"]);
  for (const cert of halt.certs) {
    expect(verifyCertificate(cert, outsider.set, CHAIN, MARKET, outsider.verifier).ok).toBe(true);
  }
  expect(equalBytes(halt.certs[0]!.entryId, halt.certs[1]!.entryId)).toBe(false);
}

const PAIRS: readonly (readonly [number, number])[] = [
  [0, 1],
  [1, 3],
  [2, 0],
];
const APART_MS = [1000, 1700, 4000, 12_000];

/** Two honest members that have met again after `ms` apart, each with its own history, and have halted. */
function met(pair: readonly [number, number], ms: number): Cluster {
  const cluster = reunited(forked(ms, pair));
  expect(forkHeight(cluster, pair[0], pair[1]), `${pair} after ${ms} ms`).not.toBeNull();
  const isHalted = (): boolean => pair.every((at) => cluster.members[at]!.voter!.standing === "halted");
  expect(cluster.run(60_000, isHalted), `${pair} after ${ms} ms`).toBe(true);
  return cluster;
}

const heldBy = (cluster: Cluster, who: readonly number[]): readonly Vote[] =>
  who.flatMap((at) => votesHeldBy(cluster.members[at]!));

describe("two traitors of four", () => {
  it("make two histories final; both honest members halt with both certificates, and what they hold convicts F + 1 seats", () => {
    const faults = new Set<string>();
    for (const pair of PAIRS) {
      for (const ms of APART_MS) {
        const traitors = [0, 1, 2, 3].filter((seat) => !pair.includes(seat));
        const cluster = met(pair, ms);
        for (const at of pair) {
          provesFork(cluster, at);
          for (const seat of convicted(heldBy(cluster, [at])).seats) expect(traitors).toContain(seat);
        }
        const proof = convicted(heldBy(cluster, pair));
        expect(proof.seats, `${pair} after ${ms} ms`).toEqual(traitors);
        for (const fault of proof.faults) faults.add(fault);
      }
    }
    // A term that one history skipped and the other finalised, and one in which both have an entry.
    expect([...faults].sort()).toEqual(["E1", "E2", "E3", "E4"]);
  });

  it("never make an honest member choose: what was final stays, and nothing of the other history joins it", () => {
    const pair = [0, 1] as const;
    const halves = forked(4000, pair);
    const before = halves.map(({ cluster, honest }) =>
      cluster.members[honest]!.log.map(({ header }) => header),
    );
    const cluster = reunited(halves);
    cluster.run(60_000);
    pair.forEach((at, i) => {
      const after = cluster.members[at]!.log.map(({ header }) => header);
      expect(after).toEqual(before[i]);
      provesFork(cluster, at);
    });
  });

  it("are not seen while the honest do not hear each other; after the halt a restart signs nothing and forgets no proof", () => {
    const halves = forked(4000, [0, 1]);
    for (const { cluster, honest } of halves) {
      expect(cluster.members[honest]!.forks).toBe(0);
      expect(convicted(heldBy(cluster, [honest])).seats).toEqual([]);
    }
    const cluster = met([0, 1], 4000);
    const signed = (): number => cluster.said.reduce((sum, { size }) => sum + size, 0);
    const before = signed();
    for (const at of [0, 1]) cluster.restart(at);
    cluster.run(20_000);
    expect(signed()).toBe(before);
    for (const at of [0, 1]) expect(cluster.members[at]!.voter!.halt).toMatchObject({ kind: "fork" });
    expect(convicted(heldBy(cluster, [0, 1])).seats).toEqual([2, 3]);
  });
});

describe("a member that has halted", () => {
  it("tells everyone who connects to it of both histories: who was away halts too, instead of going on with the traitors", () => {
    const halves = forked(4000, [0, 1], { rules: STEADY_RULES });
    const told = halves[1].cluster.members[1]!.voter!.lastFinal.cert!;
    const cluster = reunited(halves);
    const open = cluster.faults.passes;
    cluster.faults.passes = () => false;
    tell(cluster, 0, { kind: "cert", cert: told }, 1);
    provesFork(cluster, 0);
    cluster.run(1000);
    expect(cluster.members[1]!.forks).toBe(0);
    cluster.faults.passes = open;
    // What member 0 said when it halted is lost, and it repeats nothing: the greeting alone can tell.
    cluster.say(0, cluster.members[0]!.take({ kind: "connected", peer: "1", nowMs: cluster.nowMs }));
    expect(cluster.run(1000, () => cluster.members[1]!.voter!.standing === "halted")).toBe(true);
    provesFork(cluster, 1);
  });
});

describe("one traitor of four", () => {
  it("can do nothing of the kind: its double life makes no second history, for neither half is a quorum", () => {
    for (const absent of [0, 1] as const) {
      const [{ cluster }] = forked(100, absent === 0 ? [0, 1] : [1, 0]);
      cluster.crash(2);
      cluster.run(1000);
      const before = cluster.heights();
      cluster.run(20_000);
      expect(cluster.heights()).toEqual(before);
    }
  });
});
