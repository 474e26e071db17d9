// Which waiting operations are let go: a mempool must not fill with what can have no effect any more.
import { expect, it } from "vitest";
import { selfProving, staleness } from "../../src/market/index.js";
import { convictions, judgeEvidence, World } from "../market/world.js";

/** Evidence that convicts seat 0 of a fault in `term`. */
function evidenceOf(world: World, term: number) {
  const { key, agent: owner } = world.genesis.seats[0]!;
  const index = convictions.push({ type: "E1", agent: owner, key, epoch: 0, term }) - 1;
  return selfProving(world.ledger.network, { kind: "evidence", evidence: Uint8Array.of(index) });
}

it("evidence waits until its fault is punished, and further evidence until nothing would follow from it", () => {
  const world = new World();
  const [first, second] = [evidenceOf(world, 3), evidenceOf(world, 4)];
  const isLetGo = (op: typeof first): boolean =>
    staleness(world.ledger, op, world.timeMs + 1, judgeEvidence) !== null;
  expect([isLetGo(first), isLetGo(second)]).toEqual([false, false]);
  world.entry([first]);
  // The whole bond is gone and the agent is in jail: a second fault of the same seat costs it nothing more.
  expect([isLetGo(first), isLetGo(second)]).toEqual([true, true]);
});
