// More than F liars: whatever order their second history arrives in, a member notices, stops, and says so for ever.
import { describe, expect, it } from "vitest";
import { type Certificate, formCertificate, type LogEntry } from "../../../src/quorum/index.js";
import { forgeVote } from "../harness/byzantine.js";
import type { Cluster } from "../harness/cluster.js";
import { testHash } from "../harness/keys.js";
import { running, tell } from "./parts.js";

const MEMBER = 0;

/** A member that was away while the others made three entries final; it has asked for the log. */
function away(): { cluster: Cluster; missed: readonly LogEntry[] } {
  const cluster = running();
  const member = cluster.members[MEMBER]!;
  cluster.faults.passes = (from, to) => from !== MEMBER && to !== MEMBER;
  const height = member.log.length;
  cluster.run(10_000, () => cluster.members[1]!.log.length >= height + 3);
  member.take({ kind: "connected", peer: "1", nowMs: cluster.nowMs });
  return { cluster, missed: cluster.members[1]!.log.slice(height, height + 3) };
}

const falseCert = (cluster: Cluster, term: number): Certificate =>
  formCertificate(
    [1, 2, 3].map((seat) => forgeVote(cluster, seat, "commit", term, testHash("other history"))),
  );

const logOf = (entries: readonly LogEntry[]) =>
  ({ kind: "log", entries, descendants: [], cert: entries.at(-1)!.cert }) as const;

describe("a second history", () => {
  it("certified below a certificate that came first is noticed when the log is here", () => {
    const { cluster, missed } = away();
    const member = cluster.members[MEMBER]!;
    tell(cluster, MEMBER, { kind: "cert", cert: missed[2]!.cert! }, 1);
    tell(cluster, MEMBER, { kind: "cert", cert: falseCert(cluster, missed[1]!.header.term) }, 1);
    expect(member.forks).toBe(0);
    tell(cluster, MEMBER, logOf(missed), 1);
    expect(member.forks).toBe(1);
    expect(member.voter!.standing).toBe("halted");
  });

  it("certified for the term that a log ends in makes nothing of that log final", () => {
    const { cluster, missed } = away();
    const member = cluster.members[MEMBER]!;
    const before = member.log.length;
    tell(cluster, MEMBER, { kind: "cert", cert: falseCert(cluster, missed[2]!.header.term) }, 1);
    tell(cluster, MEMBER, logOf(missed), 1);
    expect(member.voter!.standing).toBe("halted");
    expect(member.log.length).toBe(before);
  });

  it("is told of again at every start, with its certificates", () => {
    const { cluster, missed } = away();
    const member = cluster.members[MEMBER]!;
    tell(cluster, MEMBER, { kind: "cert", cert: falseCert(cluster, missed[2]!.header.term) }, 1);
    tell(cluster, MEMBER, logOf(missed), 1);
    const told = member.outputs.find(({ fork }) => fork !== null)!.fork!;
    member.outputs.length = 0;
    cluster.restart(MEMBER);
    const again = member.outputs.flatMap(({ fork }) => (fork === null ? [] : [fork]));
    expect(again).toEqual([told]);
    expect(told.certs.length).toBe(2);
  });
});
