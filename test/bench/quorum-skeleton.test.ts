// The quorum's skeleton: four of its members without sockets, and the frames they exchange.
import { describe, expect, test } from "vitest";
import type { Bytes } from "../../src/base/index.js";
import type { Write } from "../../src/peer/index.js";
import { type Frame, proposal, readFrame, small } from "../../testnet/bench/quorum/skeleton-frames.js";
import { SkeletonMember } from "../../testnet/bench/quorum/skeleton-member.js";
import { until } from "../../testnet/bench/until.js";

const SEATS = 4;
const operation = (id: number): Bytes => new Uint8Array(234).fill(id);

/** Four members; each keeps how many operations became final there, and what it was asked to write. */
function quorum() {
  const members: SkeletonMember[] = [];
  const final = Array.from({ length: SEATS }, () => 0);
  const batches: (readonly Write[])[][] = Array.from({ length: SEATS }, () => []);
  for (let seat = 0; seat < SEATS; seat++) {
    members.push(
      new SkeletonMember({
        seat,
        seats: SEATS,
        store: { write: async (writes) => void batches[seat]!.push(writes) },
        broadcast: (frames) => {
          for (const [other, member] of members.entries()) {
            if (other !== seat) for (const frame of frames) void member.hear(readFrame(frame));
          }
        },
        onFinal: (operations) => {
          final[seat]! += operations;
        },
      }),
    );
  }
  return { members, final, batches };
}

describe("the skeleton", () => {
  test("makes every operation final at every member, each once", async () => {
    const { members, final } = quorum();
    for (let i = 0; i < 40; i++) await members[i % SEATS]!.take(operation(i), () => undefined);
    await until("all are final", () => final.every((count) => count >= 40), 5000);
    expect(final).toEqual([40, 40, 40, 40]);
  });

  test("signs an entry in two batches at every member, each with the guard before its rows", async () => {
    const { members, final, batches } = quorum();
    await members[0]!.take(operation(1), () => undefined);
    await until("it is final", () => final.every((count) => count === 1), 5000);
    for (const [seat, own] of batches.entries()) {
      const signed = own.filter((writes) => writes.some(({ kind }) => kind === "guard"));
      expect(signed.length, `seat ${seat}`).toBe(2);
      for (const writes of signed) expect(writes[0]!.kind).toBe("guard");
    }
  });

  test("proposes nothing again that stands in an entry of which it has heard the votes alone", async () => {
    const sent: Frame[] = [];
    const member = new SkeletonMember({
      seat: 2,
      seats: SEATS,
      store: { write: async () => undefined },
      broadcast: (frames) => void sent.push(...frames.map(readFrame)),
      onFinal: () => undefined,
    });
    await member.take(operation(1), () => undefined);
    for (const seat of [0, 1, 3]) await member.hear(readFrame(small("ack", 1, seat)));
    await until("it commits", () => sent.some(({ kind }) => kind === "commit"), 5000);
    expect(sent.filter(({ kind }) => kind === "propose")).toEqual([]);
    await member.hear(readFrame(proposal(1, 1, [operation(1)])));
    await member.take(operation(2), () => undefined);
    await until("it proposes", () => sent.some(({ kind }) => kind === "propose"), 5000);
    expect(sent.filter(({ kind }) => kind === "propose")).toMatchObject([
      { term: 2, operations: [operation(2)] },
    ]);
  });

  test("reads what it wrote, in frames as long as the true ones", () => {
    const operations = [operation(1), operation(2)];
    expect(readFrame(proposal(7, 3, operations))).toEqual({ kind: "propose", term: 7, seat: 3, operations });
    expect(readFrame(small("ack", 9, 1))).toEqual({ kind: "ack", term: 9, seat: 1 });
    // A real PROPOSE of one such operation has 1153 bytes and a few for the lengths of its lists.
    expect(proposal(7, 3, [operation(1)]).length).toBeGreaterThanOrEqual(1153);
    expect(proposal(7, 3, [operation(1)]).length).toBeLessThan(1160);
  });
});
