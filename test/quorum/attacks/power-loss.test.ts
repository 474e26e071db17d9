// Attack by the mains: power fails at every point of every batch, while the network loses and parts, and F lie.
// Scenario 2 of spec/scenarios.
import { describe, expect, it } from "vitest";
import { doubleVote, equivocate, forgetGap, neverCommit, silent } from "../harness/byzantine.js";
import { violations } from "../harness/checks.js";
import { type Addressed, addressed, type Bend, Cluster, HEALTHY } from "../harness/cluster.js";
import { DrivenMember } from "../harness/driven.js";
import { text } from "../harness/keys.js";
import { finalAt } from "./parts.js";

const KEEP_TERMS = [2, 3, 5, 64];

/** Lies in a new way with every step, keeps some of its words back for later, and plays others' words back. */
function fickle(): Bend {
  const lies: readonly Bend[] = [equivocate, doubleVote, silent, neverCommit, forgetGap, addressed];
  const hoard: Addressed[] = [];
  return (cluster, from, sends) => {
    const said: Addressed[] = [];
    for (const one of lies[cluster.random(lies.length)]!(cluster, from, sends)) {
      (cluster.random(5) === 0 ? hoard : said).push(one);
    }
    if (cluster.random(20) === 0) said.push(...hoard.splice(0));
    const words = [...cluster.said[cluster.random(cluster.size)]!.values()];
    const old = cluster.random(10) === 0 ? words[cluster.random(words.length + 1)] : undefined;
    if (old !== undefined) said.push({ to: (from + 1) % cluster.size, message: old });
    return said;
  };
}

function driven(size: number, seed: number, liars: readonly number[]) {
  const bends = new Map(liars.map((at) => [at, fickle()]));
  const cluster = new Cluster(size, { seed, bends, keepTerms: KEEP_TERMS[seed % 4]!, followers: 1 });
  const members = cluster.members.map((member) => new DrivenMember(cluster, member));
  cluster.members.splice(0, members.length, ...members);
  const honest = members.map((_, at) => at).filter((at) => !liars.includes(at));
  cluster.start();
  for (let round = 0; round < 25; round++) {
    const sides = members.map(() => cluster.random(3));
    const parted = cluster.random(3) === 0;
    const maxDelayMs = cluster.random(4) === 0 ? 600 : 30;
    const passes = (from: number, to: number): boolean => !parted || sides[from] === sides[to];
    cluster.faults = {
      lossPercent: cluster.random(25),
      duplicatePercent: 10,
      minDelayMs: 1,
      maxDelayMs,
      passes,
    };
    cluster.submit(text(`op ${round}`), [honest[cluster.random(honest.length)]!]);
    for (const at of honest) members[at]!.powerFailsOneIn = round % 3 === 0 ? 15 : 0;
    cluster.run(100 + cluster.random(500));
    for (const at of honest) if (members[at]!.voter === null) cluster.restart(at);
  }
  cluster.faults = { ...HEALTHY };
  for (const at of honest) {
    members[at]!.powerFailsOneIn = 0;
    if (members[at]!.voter === null) cluster.restart(at);
  }
  cluster.submit(text("power is back"), honest);
  const live = cluster.run(120_000, finalAt(cluster, "power is back", honest));
  // The last group of steps may not have been written yet: what it executed is ahead of the log.
  const broken = violations(cluster, honest).filter((law) => !law.includes("executed"));
  const silenced = honest.filter((at) => members[at]!.voter!.standing === "amnesia");
  return { broken, live, silenced, failures: members.reduce((sum, { failures }) => sum + failures, 0) };
}

describe("power fails at every point: one chain, no honest pair, nobody silenced, progress", () => {
  const sets: readonly [size: number, liars: readonly number[], seeds: number][] = [
    [1, [], 8],
    [2, [], 8],
    [3, [], 8],
    [4, [1], 10],
    [7, [0, 3], 5],
  ];
  for (const [size, liars, seeds] of sets) {
    it(`with ${size} members of which ${liars.length} lie`, () => {
      let failures = 0;
      for (let seed = 1; seed <= seeds; seed++) {
        const run = driven(size, seed, liars);
        const { broken, live, silenced } = run;
        expect({ seed, broken, live, silenced }).toEqual({ seed, broken: [], live: true, silenced: [] });
        failures += run.failures;
      }
      expect(failures).toBeGreaterThan(seeds);
    });
  }
});
