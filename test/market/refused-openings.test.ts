// Openings that come too late in the very entry that holds them took others' places in it: REVEAL waits for those.
import { expect, it } from "vitest";
import { ENTRY_BYTES, ENTRY_OPS } from "../../src/ledger/index.js";
import {
  type AuctionId,
  auctionOf,
  encodeOperation,
  factsOf,
  type OperationBody,
  packEntry,
} from "../../src/market/index.js";
import { agent, FEE, judgeEvidence, World } from "./world.js";

it("keeps REVEAL open for an opening that those of an auction which ends in its entry kept out", () => {
  const crowd = Array.from({ length: 1000 }, (_, i) => `evil${i}`);
  const world = new World({ names: [...crowd, "good", "s1", "s2", "sue", "bob"] });
  const openMs = world.timeMs + 1000;
  const create = (creator: string, revealMs: number) =>
    world.create(creator, { openMs, commitMs: 9000, revealMs });
  const [ending, running, wanted] = [create("s1", 1200), create("s2", 1239), create("sue", 1240)];
  const sink = world.create("sue", { commitMs: 80_000_000 });
  world.until(wanted, "open");
  const bidders = crowd.slice(0, 700);
  for (const [id, names] of [
    [wanted, ["good"]],
    [ending, bidders],
    [running, bidders],
  ] as const)
    world.entry(names.map((name) => world.op(name, world.commit(id, name, 500n, 1000n))));
  const closeOf = (id: AuctionId): number | null => {
    const { phase } = auctionOf(world.ledger, id)!;
    return phase.kind === "reveal" ? phase.closeMs : null;
  };
  while (closeOf(wanted) === null) world.entry([], { leader: world.height % 4 });
  const endingMs = closeOf(ending)!;
  expect(closeOf(wanted)).toBe(endingMs + 40);
  while (world.timeMs + 50 < endingMs) world.entry([], { leader: 0 });
  world.entry([], { leader: 0, afterMs: endingMs - world.timeMs });
  // A liar leads past both closes and includes nothing: with the next leader the first auction has ended.
  world.entry([], { leader: 3 });
  const high = (name: string, body: OperationBody) => world.op(name, body, 0, 64n * FEE);
  const waiting = [
    ...[ending, running].flatMap((id) => bidders.map((name) => world.reveal(id, name, 500n))),
    world.reveal(wanted, "good", 500n),
    ...crowd.map((name) => high(name, world.commit(sink, name, 1n, 1000n))),
    ...crowd.map((name) => high(name, { kind: "transfer", to: agent("bob"), amount: 1n })),
  ];
  const packed = packEntry(
    waiting.map((operation) => ({ operation, size: encodeOperation(operation).length })),
    world.ledger,
    {
      timeMs: world.timeMs + 50,
      executedMs: world.timeMs,
      maxOps: ENTRY_OPS,
      maxBytes: ENTRY_BYTES,
      inFlight: [],
      judgeEvidence,
    },
  );
  const { receipts } = world.entry(
    packed.map(({ operation }) => operation),
    { leader: 1 },
  );
  expect(receipts.flatMap(factsOf).filter(({ kind }) => kind === "revealed")).toHaveLength(250);
  expect(world.phase(ending)).toBe("unsold");
  world.entry([], { leader: 2 });
  expect(world.phase(wanted)).toBe("reveal");
  world.entry([world.reveal(wanted, "good", 500n)]);
  world.until(wanted, "done");
  expect(auctionOf(world.ledger, wanted)!.phase).toMatchObject({ burned: 0n });
});
