// The final log: proofs that need no member, catching up, and what ends a member for ever.
import { describe, expect, it } from "vitest";
import { encode, list } from "../../src/base/index.js";
import {
  certificate,
  electorate,
  entryIdOf,
  formCertificate,
  type Header,
  type LogEntry,
  type LogRefusal,
  MAX_ENTRY_OPS_BYTES,
  MAX_FRAME_BYTES,
  verifyHeaderChain,
  verifyLogBatch,
} from "../../src/quorum/index.js";
import { isKeptWithEntry } from "../../src/quorum/log/certificates.js";
import { logAnswer } from "../log-answer.js";
import { forgeVote } from "./harness/byzantine.js";
import { violations } from "./harness/checks.js";
import { Cluster } from "./harness/cluster.js";
import { testHash, testSeats, text } from "./harness/keys.js";
import { CHAIN, MARKET, STEADY_RULES, TIMING } from "./harness/member.js";

const START = { height: 0, id: CHAIN };

function recorded(): { cluster: Cluster; log: readonly LogEntry[] } {
  const cluster = new Cluster(4);
  cluster.start();
  for (let i = 0; i < 6; i++) {
    cluster.submit(text(`op ${i}`));
    cluster.run(TIMING.idleMs);
  }
  return { cluster, log: cluster.members[0]!.log };
}

const { cluster: source, log } = recorded();
const trust = {
  electorate: electorate(source.seats.set, CHAIN),
  chain: CHAIN,
  market: MARKET,
  verifier: source.seats.verifier,
};
const headers = log.map((entry) => entry.header);
const lastCert = log.at(-1)!.cert!;

describe("a chain of headers", () => {
  const verdict = (chain: readonly Header[], cert = lastCert, at = trust): LogRefusal | number => {
    const result = verifyHeaderChain(chain, cert, at);
    return result.ok ? result.value.entries.length : result.error;
  };

  it("under a certificate is final from any of its entries on", () => {
    expect(log.length).toBeGreaterThan(5);
    expect(verdict(headers)).toBe(headers.length);
    expect(verdict(headers.slice(3))).toBe(headers.length - 3);
    const result = verifyHeaderChain(headers, lastCert, trust);
    expect(result.ok && result.value.byzantineTolerance).toBe(1);
  });

  it("with a header changed, missing, doubled or out of order is none", () => {
    const changed = headers.map((one, i) => (i === 2 ? { ...one, timeMs: one.timeMs + 1 } : one));
    expect(verdict(changed)).toBe("BAD_LINK");
    expect(verdict(headers.filter((_, i) => i !== 2))).toBe("BAD_LINK");
    expect(verdict([headers[0]!, ...headers])).toBe("BAD_LINK");
    expect(verdict(headers.slice(0, -1))).toBe("BAD_CERTIFICATE");
    expect(verdict([])).toBe("EMPTY");
  });

  it("of another chain, market, set or leader is none", () => {
    expect(verdict(headers, lastCert, { ...trust, chain: testHash("x") })).toBe("WRONG_CHAIN");
    expect(verdict(headers, lastCert, { ...trust, market: testHash("x") })).toBe("WRONG_CHAIN");
    const other = electorate(testSeats(4, "other").set, CHAIN);
    expect(verdict(headers, lastCert, { ...trust, electorate: other })).toBe("WRONG_EPOCH");
    const led = { ...headers.at(-1)!, leader: (headers.at(-1)!.leader + 1) % 4 };
    expect(verdict([led])).toBe("WRONG_LEADER");
  });

  it("is final by COMMITs only, of a whole quorum", () => {
    const { term } = headers.at(-1)!;
    const id = entryIdOf(headers.at(-1)!);
    const acks = formCertificate([0, 1, 2].map((seat) => forgeVote(source, seat, "ack", term, id)));
    expect(verdict(headers, acks)).toBe("BAD_CERTIFICATE");
    const two = formCertificate([0, 1].map((seat) => forgeVote(source, seat, "commit", term, id)));
    expect(verdict(headers, two)).toBe("BAD_CERTIFICATE");
  });
});

describe("a log answer", () => {
  it("is what verifies, wherever it is cut", () => {
    for (let from = 0; from < log.length; from++) {
      for (const max of [1, 2, 64]) {
        const answer = logAnswer(log.slice(from), max);
        expect(answer.entries.length).toBeGreaterThan(0);
        const before = from === 0 ? START : { height: from, id: entryIdOf(headers[from - 1]!) };
        expect(verifyLogBatch(answer, trust, before).ok).toBe(true);
      }
    }
  });

  it("ends at a certificate, or carries the headers up to one", () => {
    const bare = log.map((entry, i) => (i === log.length - 1 ? entry : { ...entry, cert: null }));
    const answer = logAnswer(bare, 2);
    expect(answer.entries.length).toBe(2);
    expect(answer.descendants.length).toBe(log.length - 2);
    expect(verifyLogBatch(answer, trust, START).ok).toBe(true);
    const none = logAnswer(
      bare.map((entry) => ({ ...entry, cert: null })),
      2,
    );
    expect(none).toEqual({ kind: "log", entries: [], descendants: [], cert: null });
  });

  it("with another body, from another place, or without a certificate is refused", () => {
    const answer = logAnswer(log, 64);
    const check = (bent: typeof answer, start = START): string => {
      const result = verifyLogBatch(bent, trust, start);
      return result.ok ? "ok" : result.error;
    };
    const busy = answer.entries.findIndex((entry) => entry.ops.length > 0);
    const entries = answer.entries.map((entry, i) =>
      i === busy ? { ...entry, ops: [text("op X")] } : entry,
    );
    expect(check({ ...answer, entries })).toBe("BAD_BODY");
    expect(check({ ...answer, cert: null })).toBe("NO_CERTIFICATE");
    expect(check(answer, { height: 1, id: CHAIN })).toBe("BAD_LINK");
    expect(check(answer, { height: 0, id: testHash("elsewhere") })).toBe("CONFLICT");
  });
});

describe("catching up", () => {
  it("a follower and a member that were away for long have the whole log soon after", () => {
    const cluster = new Cluster(4, { followers: 1, rules: STEADY_RULES });
    cluster.start();
    cluster.faults.passes = (from, to) => ![3, 4].includes(from) && ![3, 4].includes(to);
    cluster.run(200 * TIMING.idleMs);
    expect(cluster.members[0]!.log.length).toBeGreaterThan(130);
    expect([cluster.members[3]!.log.length, cluster.members[4]!.log.length]).toEqual([0, 0]);
    cluster.faults.passes = () => true;
    const level = (): boolean =>
      [3, 4].every((at) => cluster.members[at]!.log.length >= cluster.members[0]!.log.length - 1);
    expect(cluster.run(10 * TIMING.idleMs, level)).toBe(true);
    expect(violations(cluster, [0, 1, 2, 3, 4])).toEqual([]);
  });

  it("a member without bodies fetches them, and needs none of them to commit", () => {
    const cluster = new Cluster(4);
    cluster.start();
    cluster.run(1000);
    const send = cluster.send.bind(cluster);
    cluster.send = (from, all) =>
      send(
        from,
        all.filter(({ to, message }) => to !== 2 || message.kind !== "propose"),
      );
    cluster.submit(text("unseen"), [0, 1, 3]);
    const has = (): boolean => cluster.members[2]!.log.some((entry) => entry.ops.length === 1);
    expect(cluster.run(3000, has)).toBe(true);
  });
});

describe("R12: two finalisations that exclude each other", () => {
  const forkedWith = (term: number, id: Uint8Array, cluster: Cluster) =>
    formCertificate([1, 2, 3].map((seat) => forgeVote(cluster, seat, "commit", term, id)));

  it("in one term end the member for ever, over a restart too, with proof", () => {
    const cluster = new Cluster(4, { rules: STEADY_RULES });
    cluster.start();
    cluster.run(3000);
    const member = cluster.members[0]!;
    const { term } = member.log[2]!.header;
    const cert = forkedWith(term, testHash("other"), cluster);
    const nowMs = cluster.nowMs;
    member.take({ kind: "message", nowMs, from: 1, peer: "1", message: { kind: "cert", cert } });
    expect(member.forks).toBe(1);
    expect(member.outputs.at(-1)!.fork!.certs.length).toBe(2);
    expect(member.voter!.standing).toBe("halted");
    const said = cluster.said[0]!.size;
    cluster.run(3000);
    cluster.restart(0);
    cluster.run(3000);
    expect(member.voter!.standing).toBe("halted");
    expect(cluster.said[0]!.size).toBe(said);
    expect(member.rows.has("quorum/halt")).toBe(true);
  });

  it("in a term that the final chain skipped, or on another branch, do so too", () => {
    const cluster = new Cluster(4, { rules: STEADY_RULES });
    cluster.start();
    cluster.run(3000);
    const { header } = cluster.members[0]!.log[1]!;
    const voter = cluster.members[0]!.voter!;
    const term = voter.term + 3;
    const branch: Header = {
      ...cluster.members[0]!.log.at(-1)!.header,
      term,
      leader: voter.electorate.leaderOf(term),
      parent: entryIdOf(header),
      parentTerm: header.term,
      height: header.height + 1,
    };
    const cert = forkedWith(term, entryIdOf(branch), cluster);
    const message = { kind: "final", header: branch, cert } as const;
    const member = cluster.members[0]!;
    member.take({ kind: "message", nowMs: cluster.nowMs, from: null, peer: "x", message });
    expect(member.forks).toBe(1);
    expect(member.outputs.at(-1)!.fork!.headers).toContainEqual(branch);
  });

  it("an unknown entry alone is no conflict", () => {
    const cluster = new Cluster(4);
    cluster.start();
    cluster.run(3000);
    const member = cluster.members[0]!;
    const cert = forkedWith(member.voter!.term + 2, testHash("unknown"), cluster);
    member.take({
      kind: "message",
      nowMs: cluster.nowMs,
      from: 1,
      peer: "1",
      message: { kind: "cert", cert },
    });
    expect(member.voter!.standing).toBe("voting");
    expect(member.forks).toBe(0);
  });
});

describe("spec/log#execution: another state root than the quorum's", () => {
  it("stops that member and no other, and it says which height", () => {
    const cluster = new Cluster(4, { rules: STEADY_RULES });
    cluster.members[3]!.ledger.wrongFrom = 4;
    cluster.start();
    cluster.run(20 * TIMING.idleMs);
    expect(cluster.members[3]!.corruption?.height).toBe(4);
    expect(cluster.members[3]!.voter!.standing).toBe("halted");
    expect(cluster.members.slice(0, 3).map(({ corruption }) => corruption)).toEqual([null, null, null]);
    expect(cluster.members[0]!.log.length).toBeGreaterThan(10);
  });
});

describe("a justification", () => {
  it("stays with its final entry while the row fits a frame beside the largest body", () => {
    const cert = (size: number) => {
      const cluster = new Cluster(size);
      const seats = Array.from({ length: Math.ceil((2 * size) / 3) }, (_, i) => i);
      return formCertificate(seats.map((seat) => forgeVote(cluster, seat, "skip", 5)));
    };
    for (const size of [4, 100]) {
      const one = cert(size);
      const kept = (count: number) => isKeptWithEntry(Array.from({ length: count }, () => one));
      let most = 1;
      while (kept(2 * most)) most *= 2;
      expect(kept(4097)).toBe(false);
      const bytes = encode(
        list(certificate, 1 << 20),
        Array.from({ length: most }, () => one),
      ).length;
      expect(bytes).toBeGreaterThan(128 * 1024);
      expect(bytes + MAX_ENTRY_OPS_BYTES).toBeLessThan(MAX_FRAME_BYTES - 64 * 1024);
    }
  });
});
