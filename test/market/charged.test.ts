// What an entry charged: each penalty once, seats first, with where it was taken from, also where nothing was.
import { expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import { type EvidenceType, selfProving, takenBy, tradeOf } from "../../src/market/index.js";
import { HISTORY } from "../../src/peer/history/history.js";
import { accept, DELIVER_MS, deliver, delivered, fail, oneTrade, STAKE } from "./trade-world.js";
import { agent, BOND, convictions, World } from "./world.js";

const world = () => new World({ names: ["sue", "ann", "bob"], stakes: { sue: STAKE }, seats: 4 });
const sale = (w: World) => oneTrade(w, "sue", delivered(), { ann: 700n, bob: 300n });

function convict(w: World, seat: number, term: number, type: EvidenceType = "E1", key = `seat key ${seat}`) {
  const fault = { type, agent: agent(`seat ${seat}`), key: agent(key), epoch: 0, term };
  const index = convictions.push(fault) - 1;
  return selfProving(w.ledger.network, { kind: "evidence", evidence: Uint8Array.of(index) });
}

it("tells seats by the order of their evidence, then trades as they ended, each once", () => {
  const w = world();
  const [late, given] = [sale(w), sale(w)];
  const ops = [convict(w, 2, 3), fail(w, "sue", given.id), convict(w, 1, 3)];
  // The first is overdue by then, the second not yet.
  const outcome = w.entry(ops, { afterMs: DELIVER_MS - 1 });
  const header = { height: w.height, timeMs: w.timeMs };
  const told = outcome.charged.map((one) =>
    one.kind === "seat" ? toHex(one.slash.agent) : toHex(one.trade.id),
  );
  const ends = outcome.trades.ended.map(({ trade }) => toHex(trade.id));
  expect(ends).toEqual([toHex(late.id), toHex(given.id)]);
  expect(told).toEqual([toHex(agent("seat 2")), toHex(agent("seat 1")), ...ends]);
  const rows = HISTORY.slash.rowsOf({ header, outcome, ledger: w.ledger });
  expect(rows.map(({ value }) => HISTORY.slash.read(value))).toMatchObject([
    { kind: "seat", slash: { agent: agent("seat 2"), height: header.height } },
    { kind: "seat", slash: { agent: agent("seat 1"), height: header.height } },
    { kind: "trade", trade: late.id, agent: agent("sue"), ...header, penalty: { condition: "timeout" } },
    { kind: "trade", trade: given.id, agent: agent("sue"), ...header, penalty: { condition: "failure" } },
  ]);
  expect(new Set(rows.flatMap(({ subjects }) => subjects.filter((one) => one.startsWith("id/")))).size).toBe(
    4,
  );
});

it("says of a conviction what was left of the bond, the rate, the repeat, and where it was taken from", () => {
  const w = world();
  const first = w.entry([convict(w, 3, 1, "E6")]).charged;
  const second = w.entry([convict(w, 3, 2, "E6")]).charged;
  const left = BOND - BOND / 4n;
  expect([...first, ...second]).toMatchObject([
    { base: BOND, penaltyBp: 2500, severity: 1, repeat: 1, taking: { lien: BOND / 4n } },
    { base: left, penaltyBp: 2500, severity: 1, repeat: 2, taking: { lien: left / 2n } },
  ]);
});

it("tells a conviction that could take nothing, though its receipt is a refusal, and none of what was refused", () => {
  const w = world();
  const { receipts, charged } = w.entry([convict(w, 0, 1, "E1", "a key without a bond")]);
  expect(receipts[0]!.code).toBe("NOTHING_TO_SLASH");
  expect(charged).toMatchObject([{ kind: "seat", base: 0n, slash: { due: 0n, taken: 0n } }]);
  const [one] = charged;
  expect(takenBy(one!.taking)).toBe(0n);
  // In jail, without a bond: nothing would follow, so that nothing is charged.
  const again = w.entry([convict(w, 0, 2, "E6", "a key without a bond")]);
  expect([again.receipts[0]!.code, again.charged]).toEqual(["NOTHING_TO_SLASH", []]);
  expect(w.entry([convict(w, 0, 1, "E1", "a key without a bond")]).charged).toEqual([]);
});

it("tells nothing of a trade that was delivered and accepted", () => {
  const w = world();
  const { id } = sale(w);
  w.entry([deliver(w, "sue", id)]);
  const { charged } = w.entry([accept(w, "ann", id)]);
  expect([charged, tradeOf(w.ledger, id)!.state]).toMatchObject([[], { cause: "accepted" }]);
});
