// The operator's word (spec/persistence#A6): granted to a seat in amnesia that nobody else can release, refused to any other.
import { describe, expect, it } from "vitest";
import type { CommandResult } from "../../src/peer/index.js";
import { Cluster } from "./cluster.js";

const seats = (n: number) => new Cluster({ agents: Array.from({ length: n }, () => []) });

/** A cluster that has finalised something, of which the first host then loses rows and guard. */
function withLostSeat(n: number): Cluster {
  const cluster = seats(n);
  const host = cluster.host(0);
  expect(cluster.run(20_000, () => host.live.tip.height > 2)).toBe(true);
  host.guard = null;
  cluster.restart(host, () => false);
  expect(host.live.halted).toBe("amnesia");
  return cluster;
}

const word = (cluster: Cluster, force = false): CommandResult =>
  cluster.command(cluster.host(0), { kind: "overrideAmnesia", force });
const codeOf = (result: CommandResult): string => (result.ok ? "granted" : result.refusal.code);

describe("the operator's word", () => {
  it.each([1, 2])("with n = %i ends amnesia at once, for good, and the log goes on", (n) => {
    const cluster = withLostSeat(n);
    const host = cluster.host(0);
    cluster.run(20_000);
    expect(host.live.halted).toBe("amnesia");
    expect(word(cluster)).toEqual({ ok: true, operation: null, auction: null });
    expect(host.live.halted).toBeNull();
    expect(host.notices.at(-1)).toMatchObject({ kind: "done" });
    expect(host.notices).toContainEqual({ kind: "amnesia", released: true });
    const { height } = host.live.tip;
    expect(cluster.run(60_000, () => host.live.tip.height > height + 2)).toBe(true);
    cluster.restart(host);
    expect(host.live.halted).toBeNull();
    expect(codeOf(word(cluster))).toBe("NOT_IN_AMNESIA");
  });

  it("with n = 4 is refused while others could tell what was signed, unless it is forced", () => {
    const cluster = withLostSeat(4);
    expect(word(cluster)).toEqual({
      ok: false,
      refusal: { code: "OTHERS_CAN_RELEASE", detail: { needed: 3, answered: 0, others: 3 } },
    });
    expect(cluster.host(0).live.halted).toBe("amnesia");
    expect(codeOf(word(cluster, true))).toBe("granted");
    expect(cluster.host(0).live.halted).toBeNull();
  });

  it("is refused to a seat that votes and to a peer without a seat, and changes nothing there", () => {
    for (const cluster of [seats(1), new Cluster({ agents: [[], []], seats: 1 })]) {
      const host = cluster.hosts.at(-1)!;
      cluster.run(2000);
      const rows = new Map(host.rows);
      const refused = cluster.command(host, { kind: "overrideAmnesia", force: true });
      expect(codeOf(refused)).toBe("NOT_IN_AMNESIA");
      expect(host.rows).toEqual(rows);
    }
  });
});
