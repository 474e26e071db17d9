// Scenarios 14, 23, 31, 52, 57, 61 and 62 of spec/scenarios: members alone, where many terms and many crashes are cheap.
import { describe, expect, it } from "vitest";
import { equalBytes, toHex } from "../../src/base/index.js";
import {
  encodeMessage,
  entryIdOf,
  formCertificate,
  type Header,
  type LogEntry,
  longestIdleMs,
  MAX_FRAME_BYTES,
  type QuorumMessage,
  type VoteKind,
  verifyCertificate,
} from "../../src/quorum/index.js";
import { finalAt, running, tell } from "../quorum/attacks/parts.js";
import { equivocate, forgetGap, forgeVote } from "../quorum/harness/byzantine.js";
import { signerOf, violations } from "../quorum/harness/checks.js";
import { type Bend, Cluster } from "../quorum/harness/cluster.js";
import { text } from "../quorum/harness/keys.js";
import { CHAIN, type CrashPoint, MARKET, STEADY_RULES, TIMING } from "../quorum/harness/member.js";

const everyone = (cluster: Cluster): number[] => cluster.members.map((_, at) => at);
const timesOf = (cluster: Cluster, at = 0): number[] =>
  cluster.members[at]!.log.map(({ header }) => header.timeMs);
const rises = (times: readonly number[]): boolean => times.every((at, i) => i === 0 || at > times[i - 1]!);

describe("scenario 14: clocks that jump", () => {
  const steps = [
    ["one member's by 10 min ahead", [0, 0, 0, 600_000]],
    ["one member's by 10 min back", [0, 0, 0, -600_000]],
    ["everybody's 5 s back, as by NTP", [-5_000, -5_000, -5_000, -5_000]],
  ] as const;
  for (const [what, jumps] of steps) {
    it(`scenario 14: ${what}: ledger time only rises, never beyond PRECISION + MSGDELAY of the right clocks, and the log lives`, () => {
      const cluster = new Cluster(4, { rules: STEADY_RULES });
      cluster.start();
      cluster.run(5_000);
      cluster.members.forEach((member, at) => {
        member.skewMs += jumps[at]!;
      });
      const before = cluster.members[0]!.log.length;
      cluster.run(20_000);
      cluster.submit(text("after the jump"));
      expect(cluster.run(10_000, finalAt(cluster, "after the jump", everyone(cluster)))).toBe(true);
      expect(cluster.members[0]!.log.length).toBeGreaterThan(before + 10);
      expect(rises(timesOf(cluster))).toBe(true);
      const right = cluster.nowMs + jumps[0]!;
      expect(Math.abs(timesOf(cluster).at(-1)! - right)).toBeLessThanOrEqual(
        TIMING.precisionMs + TIMING.messageDelayMs,
      );
      expect(violations(cluster, everyone(cluster))).toEqual([]);
    });
  }
});

describe("scenario 23: a stale parent", () => {
  it("scenario 23: a proposal that leaves out a certified term is never ACKed by anyone honest", () => {
    let bent = 0;
    for (let seed = 1; seed <= 4; seed++) {
      const stale = new Set<string>();
      /** Forgets its gap, and notes which proposals stand on an entry that another certified one follows. */
      const noted: Bend = (cluster, from, sends) => {
        const all = forgetGap(cluster, from, sends);
        for (const { message } of all) {
          if (message.kind !== "propose") continue;
          const { header } = message.propose.entry;
          if (header.leader === from && header.parentTerm < header.term - 1)
            stale.add(toHex(entryIdOf(header)));
        }
        return all;
      };
      const cluster = new Cluster(4, { seed, bends: new Map([[1, noted]]), rules: STEADY_RULES });
      cluster.start();
      cluster.run(30_000);
      bent += stale.size;
      const acked = [0, 2, 3].flatMap((at) =>
        [...cluster.said[at]!.values()].flatMap((one) =>
          one.kind === "vote" && one.vote.type === "ack" ? [toHex(one.vote.entryId)] : [],
        ),
      );
      expect(acked.filter((id) => stale.has(id))).toEqual([]);
      expect(cluster.members[0]!.log.length).toBeGreaterThan(15);
      expect(violations(cluster, [0, 2, 3])).toEqual([]);
    }
    expect(bent).toBeGreaterThan(20);
  });
});

describe("scenario 31: crash and restart, again and again; and a lone majority", () => {
  for (const size of [1, 3]) {
    it(`scenario 31: ${size} members that die at every point in turn go on, and lose and contradict nothing`, () => {
      const points: readonly CrashPoint[] = ["beforeGuard", "afterGuard", "afterBatch"];
      for (let seed = 1; seed <= 3; seed++) {
        const cluster = new Cluster(size, { seed });
        cluster.start();
        for (let round = 0; round < 40; round++) {
          const at = round % size;
          cluster.submit(text(`op ${round}`));
          cluster.members[at]!.crashNext = points[round % points.length]!;
          cluster.run(150 + 10 * seed);
          for (const one of everyone(cluster)) if (cluster.members[one]!.voter === null) cluster.restart(one);
        }
        for (const member of cluster.members) member.crashNext = null;
        cluster.submit(text("at last"));
        expect(cluster.run(30_000, finalAt(cluster, "at last", everyone(cluster))), `seed ${seed}`).toBe(
          true,
        );
        expect(cluster.members[0]!.log.length).toBeGreaterThan(10);
        expect(violations(cluster, everyone(cluster))).toEqual([]);
        expect(cluster.members.map(({ voter }) => voter!.standing)).not.toContain("amnesia");
      }
    });
  }

  it("scenario 31: of 3 members one equivocates: it is proven at every honest one, and who halts, halts by two certificates", () => {
    const liar = 0;
    let halted = 0;
    for (let seed = 1; seed <= 6; seed++) {
      const cluster = new Cluster(3, { seed, bends: new Map([[liar, equivocate]]) });
      cluster.start();
      cluster.run(2_000);
      // While the honest do not hear each other, the liar is a majority with each of them.
      cluster.faults.passes = (from, to) => from === liar || to === liar;
      cluster.run(3_000);
      cluster.faults.passes = () => true;
      cluster.run(20_000);
      const { verifier } = cluster.seats;
      for (const at of [1, 2]) {
        const { voter, evidence, forks, corruption } = cluster.members[at]!;
        expect(new Set(evidence.map(signerOf)), `seed ${seed}`).toEqual(new Set([liar]));
        expect(corruption).toBeNull();
        expect(voter!.standing === "halted").toBe(forks > 0);
        if (forks === 0) continue;
        halted++;
        const certs = voter!.halt?.kind === "fork" ? voter!.halt.certs : [];
        expect(new Set(certs.map(({ entryId }) => toHex(entryId))).size).toBe(2);
        for (const cert of certs) {
          const verdict = verifyCertificate(cert, voter!.electorate, CHAIN, MARKET, verifier);
          // n < 4 is said aloud: such a certificate tolerates no liar.
          expect(verdict).toMatchObject({ ok: true, value: { byzantineTolerance: 0 } });
        }
      }
    }
    expect(halted).toBeGreaterThan(0);
  });
});

describe("scenario 52: a victim that is connected to attackers only", () => {
  const VICTIM = 4;
  const LIAR = 1;

  /** What F seats and any number of strangers can say of a log that they bend. */
  function lies(cluster: Cluster, truth: readonly LogEntry[]): QuorumMessage[] {
    const { header, ops, justification } = truth[1]!;
    const signer = cluster.seats.signers[LIAR]!;
    const forged: Header = { ...header, timeMs: header.timeMs + 1 };
    const id = entryIdOf(forged);
    const vote = forgeVote(cluster, LIAR, "commit", forged.term, id);
    const own = formCertificate([vote]);
    const thrice = { ...own, signers: [1, 1, 1], sigs: [vote.sig, vote.sig, vote.sig] };
    const stolen = { ...truth[1]!.cert!, entryId: id };
    const posing = { ...stolen, sigs: stolen.signers.map(() => signer.sign(text("nothing"))) };
    const entry = (cert: typeof own): LogEntry => ({ header: forged, ops, justification, cert });
    const later: Header = {
      ...forged,
      term: forged.term + 1,
      height: forged.height + 1,
      parent: id,
      parentTerm: forged.term,
    };
    return [own, thrice, stolen, posing].flatMap((cert): QuorumMessage[] => [
      { kind: "cert", cert },
      { kind: "final", header: forged, cert },
      { kind: "log", entries: [truth[0]!, entry(cert)], descendants: [], cert },
      { kind: "log", entries: [truth[0]!], descendants: [forged], cert },
      {
        kind: "log",
        entries: [{ ...truth[0]!, ops: [text("smuggled")] }],
        descendants: [],
        cert: truth[0]!.cert,
      },
      { kind: "log", entries: [truth[0]!, truth[2]!], descendants: [], cert: truth[2]!.cert },
      { kind: "log", entries: [entry(cert)], descendants: [later], cert },
      { kind: "entry", entry: { header: forged, ops, leaderSig: signer.sign(text("no leader")) } },
      { kind: "vote", vote },
    ]);
  }

  it("scenario 52: finalises nothing but the true chain, and what it was shown true of it; freed, it catches up", () => {
    const cluster = new Cluster(4, { followers: 1 });
    cluster.faults.passes = (from, to) => from !== VICTIM && to !== VICTIM;
    cluster.start();
    cluster.submit(text("true"), [0, 1, 2, 3]);
    cluster.run(6_000);
    const truth = cluster.members[0]!.log;
    const victim = cluster.members[VICTIM]!;
    const isPrefix = (): boolean =>
      victim.log.every((entry, i) => equalBytes(entryIdOf(entry.header), entryIdOf(truth[i]!.header)));
    for (const message of lies(cluster, truth)) {
      for (const from of [LIAR, null]) {
        // It asks whoever connects for the log: an answer is awaited when the lie comes.
        victim.take({
          kind: "connected",
          peer: from === null ? "stranger" : String(from),
          nowMs: cluster.nowMs,
        });
        tell(cluster, VICTIM, message, from);
        expect(isPrefix(), message.kind).toBe(true);
        expect(victim.log.length).toBeLessThanOrEqual(1);
      }
      cluster.run(100);
    }
    expect([victim.forks, victim.corruption]).toEqual([0, null]);
    cluster.faults.passes = () => true;
    cluster.submit(text("freed"), [0, 1, 2, 3]);
    expect(cluster.run(30_000, finalAt(cluster, "freed", [VICTIM]))).toBe(true);
    expect(violations(cluster, [0, 1, 2, 3, VICTIM])).toEqual([]);
  });

  it("scenario 52: a member behind F liars alone finalises nothing, and signs nothing that convicts it", () => {
    for (let seed = 1; seed <= 3; seed++) {
      const cluster = new Cluster(4, { seed, bends: new Map([[LIAR, equivocate]]) });
      cluster.start();
      cluster.run(3_000);
      cluster.faults.passes = (from, to) => (to === 0 || from === 0 ? from === LIAR || to === LIAR : true);
      cluster.run(200);
      const before = cluster.members[0]!.log.map(({ header }) => toHex(entryIdOf(header)));
      cluster.run(15_000);
      const after = cluster.members[0]!.log.map(({ header }) => toHex(entryIdOf(header)));
      const truth = cluster.members[2]!.log.map(({ header }) => toHex(entryIdOf(header)));
      expect(after.slice(0, before.length)).toEqual(before);
      expect(truth.slice(0, after.length)).toEqual(after);
      cluster.faults.passes = () => true;
      cluster.submit(text("freed"), [0, 2, 3]);
      expect(cluster.run(60_000, finalAt(cluster, "freed", [0, 2, 3]))).toBe(true);
      expect(violations(cluster, [0, 2, 3])).toEqual([]);
    }
  });
});

describe("scenario 57: kill −9 of all between P4 and P1, and between guard and batch", () => {
  for (const size of [1, 2, 4]) {
    for (const point of ["afterGuard", "afterBatch"] as const) {
      it(`scenario 57: ${size} members, killed at their COMMIT, ${point}: they go on without an operator`, () => {
        let struck = 0;
        for (let seed = 1; seed <= 8; seed++) {
          const cluster = new Cluster(size, { seed });
          cluster.start();
          cluster.run(200 + 61 * seed);
          cluster.submit(text("before"));
          for (const member of cluster.members) {
            member.crashNext = point;
            member.crashOn = "commit";
          }
          cluster.run(2_000, () => cluster.members.every(({ voter }) => voter === null));
          // Who heard too little to COMMIT, because another died before it spoke, is killed as it stands.
          const atCommit = cluster.members.filter(({ voter }) => voter === null).length;
          expect(atCommit, `seed ${seed}`).toBeGreaterThan(0);
          struck += atCommit;
          for (const at of everyone(cluster)) cluster.crash(at);
          for (const member of cluster.members) member.crashNext = null;
          for (const at of everyone(cluster)) cluster.restart(at);
          expect(cluster.members.map(({ voter }) => voter!.standing)).not.toContain("amnesia");
          cluster.submit(text("after"));
          expect(cluster.run(30_000, finalAt(cluster, "after", everyone(cluster))), `seed ${seed}`).toBe(
            true,
          );
          expect(violations(cluster, everyone(cluster))).toEqual([]);
        }
        expect(struck).toBeGreaterThanOrEqual(8);
      });
    }
  }
});

describe("scenario 62: an idle market", () => {
  it("scenario 62: an idle hour has about one entry each longest interval, and no skipped term", () => {
    const timing = { ...TIMING, idleMs: 2_000 };
    const longestMs = longestIdleMs(timing);
    const cluster = new Cluster(4, { timing });
    // Slow enough that an empty entry is certified for longer than Δ before it is final: it is no work all the same.
    cluster.faults = { ...cluster.faults, minDelayMs: 55, maxDelayMs: 70 };
    cluster.start();
    cluster.run(3_600_000);
    const { log, voter } = cluster.members[0]!;
    expect(log.length).toBeGreaterThan((0.9 * 3_600_000) / longestMs);
    expect(log.length).toBeLessThan((1.02 * 3_600_000) / longestMs);
    expect(voter!.term - log.length).toBeLessThan(5);
  });

  it("scenario 62: a leader that withholds an operation in an idle market is skipped within 5 Δ_k", () => {
    for (let turn = 0; turn < 8; turn++) {
      const cluster = running(4, { seed: turn });
      cluster.run(130 * turn);
      const { voter } = cluster.members[0]!;
      const { term } = voter!;
      const leader = voter!.electorate.leaderOf(term);
      cluster.members[leader]!.ledger.pending = () => null;
      cluster.members[leader]!.ledger.collect = () => [];
      const honest = [0, 1, 2, 3].filter((at) => at !== leader);
      cluster.submit(text("withheld"), honest);
      const sinceMs = cluster.nowMs;
      // The term may have been about to end by itself: then the leader led it, and it is another's turn.
      const ended = (): boolean => honest.every((at) => cluster.members[at]!.voter!.term > term);
      expect(cluster.run(5 * TIMING.deltaMs + 3 * 5, ended), `turn ${turn}`).toBe(true);
      expect(cluster.nowMs - sinceMs).toBeLessThanOrEqual(5 * TIMING.deltaMs + 15);
      expect(cluster.run(4 * TIMING.deltaMs, finalAt(cluster, "withheld", honest)), `turn ${turn}`).toBe(
        true,
      );
    }
  });
});

/** The largest frame that was said, of those that a gap makes large. */
function watchFrames(cluster: Cluster): { largest: number } {
  const seen = new WeakSet<object>();
  const frames = { largest: 0 };
  const send = cluster.send.bind(cluster);
  cluster.send = (from, all) => {
    for (const { message } of all) {
      if (!["propose", "justify", "certs", "log"].includes(message.kind) || seen.has(message)) continue;
      seen.add(message);
      frames.largest = Math.max(frames.largest, encodeMessage(message).length);
    }
    send(from, all);
  };
  return frames;
}

describe("scenario 61: 200 skipped terms in a row, then healing", () => {
  it("scenario 61: of 16 members: the proposals fit a frame, and the chain goes on", () => {
    const cluster = new Cluster(16);
    const frames = watchFrames(cluster);
    const send = cluster.send.bind(cluster);
    cluster.start();
    cluster.run(1_000);
    // Votes and certificates pass, proposals do not: every term ends in SKIP. One member misses it all.
    cluster.faults.passes = (from, to) => from !== 3 && to !== 3;
    cluster.send = (from, all) =>
      send(
        from,
        all.filter(({ message }) => message.kind !== "propose" && message.kind !== "entry"),
      );
    const startTerm = cluster.members[0]!.voter!.term;
    expect(cluster.run(1_000_000, () => cluster.members[0]!.voter!.term > startTerm + 200)).toBe(true);
    cluster.send = send;
    cluster.faults.passes = () => true;
    cluster.submit(text("healed"));
    expect(cluster.run(60_000, finalAt(cluster, "healed", everyone(cluster)))).toBe(true);
    expect(
      cluster.members.some(({ log }) => log.some(({ justification }) => justification.length >= 200)),
    ).toBe(true);
    expect(frames.largest).toBeGreaterThan(100_000);
    expect(frames.largest).toBeLessThanOrEqual(MAX_FRAME_BYTES);
    expect(violations(cluster, everyone(cluster))).toEqual([]);
  });

  it("scenario 61: of 100 members: the leader's proposal and its gap fit frames, another ACKs it, and it becomes final", () => {
    const cluster = new Cluster(100);
    const frames = watchFrames(cluster);
    const votes = (kind: VoteKind, term: number, id?: Uint8Array) =>
      Array.from({ length: 67 }, (_, seat) => forgeVote(cluster, seat, kind, term, id));
    // Only the leader of term 201 and one more process live; what the other 98 would have signed is forged.
    const leader = cluster.members[0]!.voter!.electorate.leaderOf(201);
    const other = (leader + 1) % 100;
    for (const at of everyone(cluster)) if (at !== leader && at !== other) cluster.crash(at);
    const send = cluster.send.bind(cluster);
    cluster.send = (from, all) =>
      send(
        from,
        all.filter(({ to }) => to === leader || to === other),
      );
    for (const at of [leader, other]) cluster.input(at, { kind: "start" });
    for (let term = 1; term <= 200; term++) {
      const cert = formCertificate(votes("skip", term));
      // The other one has missed all but the last: it has to pull what the proposal stands on.
      for (const at of term === 200 ? [leader, other] : [leader])
        tell(cluster, at, { kind: "cert", cert }, leader);
    }
    cluster.submit(text("healed"), [leader]);
    const ackOf = () =>
      [...cluster.said[other]!.values()].find((one) => one.kind === "vote" && one.vote.type === "ack");
    expect(cluster.run(20_000, () => ackOf() !== undefined)).toBe(true);
    const ack = ackOf();
    if (ack?.kind !== "vote") throw new Error("an ACK is a vote");
    expect(ack.vote.term).toBe(201);
    for (const kind of ["ack", "commit"] as const) {
      const cert = formCertificate(votes(kind, 201, ack.vote.entryId));
      for (const at of [leader, other]) tell(cluster, at, { kind: "cert", cert }, leader);
    }
    expect(cluster.run(20_000, finalAt(cluster, "healed", [leader, other]))).toBe(true);
    expect(frames.largest).toBeGreaterThan(200_000);
    expect(frames.largest).toBeLessThanOrEqual(MAX_FRAME_BYTES);
  });
});
