// Every order of events within a bound, over the product's own voter: the rules break no law, each planted bug breaks one.
import { describe, expect, it, vi } from "vitest";
import { quorumPower } from "../../src/quorum/index.js";
import { fewestCulprits } from "./explore/culprits.js";
import { type Explored, explore } from "./explore/explore.js";
import type { Exploration } from "./explore/moves.js";
import { BROKEN_RULEBOOKS, type BrokenName } from "./explore/mutants.js";
import { transcript } from "./explore/transcript.js";
import { wander } from "./explore/unreduced.js";
import { ELECTORATE, SIZE } from "./explore/world.js";

/** The liar, by the term that it leads: what it can do differs with that alone. */
const LIARS = [1, 2, 3, 4];
const F_PLUS_ONE = 2;

/** For a longer search than CI can afford: see the README of src/quorum. */
const TERMS = Number(process.env.MABEAM_EXPLORE_TERMS ?? 2);
const CRASHES = Number(process.env.MABEAM_EXPLORE_CRASHES ?? 1);
const MAX_STATES = Number(process.env.MABEAM_EXPLORE_STATES ?? 2_000_000);
const DEPTH = Number(process.env.MABEAM_EXPLORE_DEPTH ?? 12);

vi.setConfig({ testTimeout: 3_600_000 });

function report(name: string, found: Explored): void {
  const { states, transitions, depth, ends, memberStates, memberSteps } = found;
  const counts = { states, transitions, depth, ends, memberStates, memberSteps, complete: found.complete };
  if (process.env.MABEAM_EXPLORE_SHOW !== undefined) console.log(name, JSON.stringify(counts));
}

/** Integers from a seed (mulberry32). */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const lawsBroken = (found: Explored): string[] =>
  [...found.broken].map(([law, way]) => transcript(found, law, way));

describe("the true rules, n = 4, one liar", () => {
  it.each(LIARS)(
    `admit no fork, no conviction of the honest and no stuck term in every order of ${TERMS} terms with ${CRASHES} crash, the liar leading term %i`,
    (liar) => {
      const found = explore({ terms: TERMS, byzantine: [liar], crashes: CRASHES, maxStates: MAX_STATES });
      report(`terms ${TERMS}, crashes ${CRASHES}, liar ${liar}`, found);
      expect(lawsBroken(found)).toEqual([]);
      expect(found.complete).toBe(true);
      expect(found.ends).toBeGreaterThan(1000);
    },
  );

  it.each(LIARS)(
    `admit none in the first ${DEPTH} steps of every order of three terms, the liar leading term %i`,
    (liar) => {
      const found = explore({ terms: 3, byzantine: [liar], crashes: 0, maxDepth: DEPTH });
      report(`three terms to depth ${DEPTH}, liar ${liar}`, found);
      expect(lawsBroken(found)).toEqual([]);
      expect(found.states).toBeGreaterThan(50_000);
    },
  );

  it.each(LIARS)("end every term although the seat leading term %i says nothing", (liar) => {
    const found = explore({ terms: 3, byzantine: [liar], crashes: 0, silent: true });
    report(`silent, three terms, liar ${liar}`, found);
    expect(lawsBroken(found)).toEqual([]);
    expect(found.complete).toBe(true);
    expect(found.ends).toBeGreaterThan(0);
  });
});

/** Where each planted bug is looked for, and what its discovery must say. */
const WITHIN_REACH: Readonly<
  Record<
    BrokenName,
    Omit<Exploration, "book" | "crashes"> & { readonly crashes?: number; readonly says: RegExp }
  >
> = {
  "no-gap-check": { terms: 2, byzantine: [2], says: /^fork/ },
  "skip-after-commit": { terms: 2, byzantine: [4], says: /^E2 against honest/ },
  "forget-votes": { terms: 2, byzantine: [4], crashes: 1, says: /^E2 against honest/ },
  "prune-without-floor": { terms: 2, byzantine: [4], toTheEnd: true, says: /^E2 against honest/ },
  "quorum-off-by-one": { terms: 2, byzantine: [4], says: /^fork/ },
  "commit-against-ack": { terms: 2, byzantine: [1], says: /^E3 against honest/ },
  "ack-after-ack": { terms: 2, byzantine: [1], crashes: 1, says: /^E1 against honest/ },
  "propose-again": { terms: 2, byzantine: [4], says: /^E5 against honest/ },
};

describe("a planted bug is found, by a shortest way that can be read", () => {
  it.each(Object.keys(BROKEN_RULEBOOKS) as BrokenName[])("%s", (name) => {
    const { says, crashes = 0, ...where } = WITHIN_REACH[name];
    const found = explore({ ...where, crashes, book: BROKEN_RULEBOOKS[name] });
    const law = [...found.broken.keys()].find((one) => says.test(one));
    expect(law).toBeDefined();
    const text = transcript(found, law!, found.broken.get(law!)!);
    if (process.env.MABEAM_EXPLORE_SHOW !== undefined) console.log(`${name}\n${text}`);
    expect(text).toMatch(/^Seats .*\n1\. seat \d .*\n(\d+\. seat \d .*\n)*=> /);
  });

  it("no-gap-check reads as the story of a forgotten gap", () => {
    const found = explore({ terms: 2, byzantine: [2], crashes: 0, book: BROKEN_RULEBOOKS["no-gap-check"] });
    expect(lawsBroken(found).join("\n")).toMatchInlineSnapshot(`
      "Seats 2, 3, 0, 1 lead terms 1 to 4; seat 3 lies.
      1. seat 2 has waited long enough for company: says PROPOSE(1), ACK(1)
      2. seat 0 gets PROPOSE of entry 1: says ACK(1)
      3. seat 0 gets the AckCert of entry 1: says COMMIT(1)
      4. seat 0 gets PROPOSE of entry 2a, without certificates for its gap: says ACK(2a)
      5. seat 1 gets the AckCert of entry 1: says COMMIT(1)
      6. seat 1 gets PROPOSE of entry 2a, without certificates for its gap: says ACK(2a)
      7. seat 0 gets the AckCert of entry 2a: says COMMIT(2a)
      8. seat 1 gets the AckCert of entry 2a: says COMMIT(2a)
      => fork: 1 and 2a are both final"
    `);
  });
});

describe("the reductions hide nothing", () => {
  const profiles = (options: Exploration): string[] =>
    [...new Set(explore(options).search.profiles())].sort();

  it.each(LIARS)(
    "in one term with a crash, the liar leading term %i: the same sayings with and without them",
    (liar) => {
      const options = { terms: 1, byzantine: [liar], crashes: 1 };
      expect(profiles(options)).toEqual(profiles({ ...options, plain: true }));
    },
  );

  it("in two terms, the liar leading term 4: the same sayings with and without them", () => {
    const options = { terms: 2, byzantine: [4], crashes: 0 };
    expect(profiles(options)).toEqual(profiles({ ...options, plain: true }));
  });

  it("in two terms, the liar leading none: a thousand runs with single votes and shared bytes say nothing else", () => {
    const known = new Set(explore({ terms: 2, byzantine: [4], crashes: 0 }).search.profiles());
    const met = new Set<string>();
    for (let seed = 1; seed <= 1000; seed++) {
      for (const said of wander(ELECTORATE.leaderOf(4), 2, 120, randomOf(seed))) met.add(said);
    }
    expect([...met].filter((said) => !known.has(said))).toEqual([]);
    if (process.env.MABEAM_EXPLORE_SHOW !== undefined)
      console.log(`${met.size} of ${known.size} sayings met`);
    expect(met.size).toBeGreaterThan(500);
  });
});

describe("two liars of four", () => {
  const pairs = [
    [1, 2],
    [1, 3],
    [1, 4],
    [2, 3],
    [2, 4],
    [3, 4],
  ];

  it.each(pairs)(
    "leading terms %i and %i fork the log, and every fork convicts both and nobody else",
    (...liars) => {
      const { search, complete } = explore({ terms: 2, byzantine: liars, crashes: 0, toTheEnd: true });
      expect(complete).toBe(true);
      let forks = 0;
      for (const { names, said } of search.forks()) {
        forks++;
        const culprits = fewestCulprits(names[0], names[1], said, quorumPower(SIZE));
        expect(culprits.size).toBeGreaterThanOrEqual(F_PLUS_ONE);
        for (const seat of culprits) expect(said.has(seat)).toBe(false);
      }
      expect(forks).toBeGreaterThan(100);
    },
  );

  it("a fork that a broken rule made convicts fewer: the count can fail", () => {
    const book = BROKEN_RULEBOOKS["no-gap-check"];
    const { search } = explore({ terms: 2, byzantine: [2], crashes: 0, book });
    const sizes = [...search.forks()].map(
      ({ names, said }) => fewestCulprits(names[0], names[1], said, quorumPower(SIZE)).size,
    );
    expect(Math.min(...sizes)).toBeLessThan(F_PLUS_ONE);
  });
});
