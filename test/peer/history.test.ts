// History: what an entry did is kept with the entry, the same at every peer, and made again by whoever has the log.
import { expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import { slashIdOf, TRADES } from "../../src/market/index.js";
import {
  HISTORY,
  HISTORY_NAMES,
  type HistoryName,
  type HistoryRows,
  historyBegins,
} from "../../src/peer/history/history.js";
import { Rebuild } from "../../src/peer/history/rebuild.js";
import { HISTORY_PREFIX, historyBeginKey, historyPlaces, historyRows } from "../../src/peer/index.js";
import { CULPRITS_AGENT, traded } from "../worlds/traded.js";
import { ended, type Host, idOf, LOT, opened, placed, verifier } from "./cluster.js";
import { rebuilt } from "./rebuilt.js";

const { cluster, host, sold } = traded();

const keptBy = ({ rows }: Host) =>
  [...rows].filter(([key]) => key.startsWith(HISTORY_PREFIX)).sort(([a], [b]) => (a < b ? -1 : 1));
const told = <K extends HistoryName>(name: K): HistoryRows[K][] =>
  keptBy(host).flatMap(([key, value]) =>
    key.startsWith(historyRows(name)) ? [HISTORY[name].read(value) as HistoryRows[K]] : [],
  );
const placesOf = (name: HistoryName, subject: string) =>
  keptBy(host).flatMap(([key]) => {
    const shelf = historyPlaces(name, subject);
    return key.startsWith(shelf) ? [key.slice(shelf.length)] : [];
  });

it("tells each price that was found, and of an auction without one nothing", () => {
  expect(
    told("price").map(({ auction, capability, direction, format, units, price, bids }) => [
      toHex(auction),
      capability,
      direction,
      format,
      units,
      price,
      bids,
    ]),
  ).toEqual([
    [sold[0], "gpu.hour", "sell", "vickrey", 8, 300n, 2],
    [sold[1], "gpu", "sell", "vickrey", 8, 10n, 1],
    [sold[2], "gpu.hour", "buy", "vickrey", 8, 40n, 2],
    [sold[3], "gpu.hour", "sell", "vickrey", 8, 80n, 2],
    [sold[4], "render", "sell", "vickrey", 8, 10n, 1],
  ]);
});

it("is found by capability, and no capability finds one that begins as it does", () => {
  expect(placesOf("price", "capability/gpu")).toHaveLength(1);
  expect(placesOf("price", "capability/gpu.hour")).toHaveLength(3);
});

it("tells each penalty with its numbers, of trades and of seats, and finds it by agent and by id", () => {
  const [late, convicted, ...others] = told("slash");
  if (late?.kind !== "trade" || convicted?.kind !== "seat") throw new Error("other slashes");
  expect(others).toEqual([]);
  const [trade] = told("trade");
  const { state } = trade!.row;
  if (state.kind !== "ended") throw new Error("the trade runs");
  expect(late).toMatchObject({ trade: trade!.id, agent: idOf("sue"), penalty: state.penalty });
  expect([late.height, late.timeMs]).toEqual([state.endedAt, state.endedMs]);
  expect(late.penalty).toMatchObject({ condition: "timeout", isWarning: "yes", due: 0n, taken: 0n });
  expect(late.taking).toEqual({ lien: 0n, freeStake: 0n, unbonding: 0n });
  const { slash, base, penaltyBp, severity, repeat, taking } = convicted;
  expect([slash.type, base > 0n, slash.due]).toEqual(["E1", true, base * 5n]);
  expect([penaltyBp, severity, repeat]).toEqual([10_000, 5, 1]);
  expect(taking.lien).toBe(base);
  expect(slash.taken).toBe(taking.lien + taking.freeStake + taking.unbonding);
  expect(placesOf("slash", `agent/${CULPRITS_AGENT}`)).toHaveLength(1);
  expect(placesOf("slash", `id/${toHex(trade!.id)}`)).toHaveLength(1);
  expect(placesOf("slash", `id/${toHex(slashIdOf(slash))}`)).toHaveLength(1);
});

it("tells each trade that ended as the ledger has it, and finds it by id, parties and capability", () => {
  const [one, ...others] = told("trade");
  expect(others).toEqual([]);
  expect([...host.live.ledger.table(TRADES).values()]).toEqual([{ id: one!.id, ...one!.row }]);
  expect(one!.row).toMatchObject({ price: 10n, state: { kind: "ended", cause: "timedOut", returned: 10n } });
  for (const subject of [
    `id/${toHex(one!.id)}`,
    `agent/${toHex(idOf("sue"))}`,
    `agent/${toHex(idOf("bob"))}`,
    "capability/render",
  ])
    expect(placesOf("trade", subject), subject).toHaveLength(1);
  expect(placesOf("trade", `agent/${toHex(idOf("ann"))}`)).toEqual([]);
});

it("is the same at every peer, whose agents it may hold, and what its log makes", () => {
  for (const other of cluster.hosts) expect(keptBy(other)).toEqual(keptBy(host));
  const made = [...rebuilt(host)].filter(([key]) => key.startsWith(HISTORY_PREFIX));
  expect(made.sort(([a], [b]) => (a < b ? -1 : 1))).toEqual(keptBy(host));
});

it("begins with the first entry, or where it was never kept before with the next one", () => {
  const begins = () => HISTORY_NAMES.map((name) => host.rows.get(historyBeginKey(name)));
  const values = (height: number) => historyBegins(height).map((one) => (one as { value: Uint8Array }).value);
  expect(begins()).toEqual(values(1));
  cluster.restart(host, (key) => key !== historyBeginKey("price"));
  expect(begins()).toEqual([values(host.live.tip.height + 1)[0], ...values(1).slice(1)]);
});

it("of a peer whose history begins later is from there on what others have", () => {
  const late = cluster.host(3);
  cluster.restart(late, (key) => !key.startsWith(HISTORY_PREFIX));
  const from = late.live.tip.height + 1;
  const id = opened(cluster, "sue", { lot: { ...LOT, capability: "cpu" } });
  placed(cluster, "bob", id, 70n);
  ended(cluster, id);
  cluster.run(1000);
  const since = (of: Host) => keptBy(of).filter(([key]) => Number(key.slice(-22, -6)) >= from);
  expect(since(late).map(([key]) => key.slice(0, 16))).toEqual(["history/price/at", "history/price/of"]);
  expect(since(late)).toEqual(since(cluster.host(1)));
  expect(late.rows.get(historyBeginKey("price"))).toEqual(
    (historyBegins(from)[0] as { value: Uint8Array }).value,
  );
});

it("gives out the rows of each height once, and none before a header attests the state after it", () => {
  const log = cluster.host(1).log();
  const rebuild = new Rebuild(host.genesis, new Set<string>(), verifier);
  const heights: number[] = [];
  for (const entry of log) {
    const taken = rebuild.take(entry);
    if (!taken.ok) throw new Error(taken.error);
    heights.push(...taken.value.map(({ height }) => height));
    expect(heights.at(-1) ?? 0).toBe(entry.header.execHeight);
  }
  const rest = rebuild.end(cluster.host(1).live.tip.root);
  if (!rest.ok) throw new Error(rest.error);
  heights.push(...rest.value.map(({ height }) => height));
  expect(heights).toEqual(log.map(({ header }) => header.height));
});

it("gives out no row of a log that was executed otherwise", () => {
  const log = cluster.host(1).log();
  const rebuild = new Rebuild(host.genesis, new Set<string>(), verifier);
  const first = log[0]!;
  expect(rebuild.take(log[1]!).ok, "a height is missing").toBe(false);
  expect(rebuild.take(first).ok).toBe(true);
  const wrong = new Uint8Array(32).fill(9);
  expect(rebuild.end(wrong).ok, "another root at the end").toBe(false);
  const lying = log.findIndex(({ header }) => header.execHeight > 0);
  const anew = new Rebuild(host.genesis, new Set<string>(), verifier);
  for (const entry of log.slice(0, lying)) anew.take(entry);
  const { header } = log[lying]!;
  expect(anew.take({ ...log[lying]!, header: { ...header, execRoot: wrong } }).ok, "attested otherwise").toBe(
    false,
  );
});
