// What a scenario is made of, part by part: names that a replay line can keep, and words for people.
import type { BudgetDeed } from "./budget-plan.js";
import type { DiskFault } from "./disk-faults.js";
import { CALM, type Faults } from "./faults.js";
import type { Scenario } from "./scenario.js";
import type { AuctionPlan, DeliveryPlan } from "./workload.js";
import type { Weather } from "./world/links.js";

export interface Part {
  /** as in `--only`: its kind and its place, or its kind where there is one */
  readonly id: string;
  /** in words */
  readonly says: string;
}

/** Every fault, every culprit and every piece of work of a scenario. */
export function partsOf({ culprits, strangers, faults, workload, budgets }: Scenario): readonly Part[] {
  const { weather, clockOffsetsMs, clockDriftsPpm = [], clockSteps = [], disks = [] } = faults;
  const single = (id: string, isThere: boolean, says: string): Part[] => (isThere ? [{ id, says }] : []);
  return [
    ...listed("liar", culprits, ({ seat, strategy }) => `seat ${seat} lies: ${strategy}`),
    ...listed("stranger", strangers, (host) => `peer ${host}, without a seat, lies about heights`),
    ...single("loss", weather.loss > 0, `${percent(weather.loss)} of all messages are lost`),
    ...single("duplication", weather.duplication > 0, `${percent(weather.duplication)} arrive twice`),
    ...single("reordering", weather.reordering > 0, `${percent(weather.reordering)} overtake others`),
    ...single("delay", weather.slow > 0, `${percent(weather.slow)} are up to ${weather.slowMs} ms late`),
    ...single("skew", clockOffsetsMs.some(Boolean), `clocks are off by ${clockOffsetsMs.join(", ")} ms`),
    ...single("drift", clockDriftsPpm.some(Boolean), `clocks drift by ${clockDriftsPpm.join(", ")} ppm`),
    ...single("sync", faults.syncMs > 0, `a synced batch takes ${faults.syncMs} ms on average`),
    ...listed("partition", faults.partitions, ({ atMs, durationMs, cuts }) => {
      return `from ${atMs} for ${durationMs} ms ${cuts.map(([from, to]) => `${from}↛${to}`).join(" ")}`;
    }),
    ...listed("crash", faults.crashes, ({ atMs, host, point, downMs }) => {
      return `peer ${host} crashes after ${atMs} (${point}) and is down for ${downMs} ms`;
    }),
    ...listed("pause", faults.pauses, ({ atMs, host, durationMs }) => {
      return `peer ${host} is stopped at ${atMs} for ${durationMs} ms`;
    }),
    ...listed("step", clockSteps, ({ atMs, host, byMs, forMs }) => {
      return `the clock of peer ${host} is set by ${byMs} ms at ${atMs}${forMs === null ? "" : ` for ${forMs} ms`}`;
    }),
    ...listed("disk", disks, diskWords),
    ...listed("auction", workload.auctions, auctionWords),
    ...listed(
      "payment",
      workload.payments,
      ({ atMs, kind, from, to }) => `${kind} ${from} → ${to} at ${atMs}`,
    ),
    ...listed("budget", budgets?.deeds ?? [], budgetWords),
    ...listed("child-bid", budgets?.bids ?? [], ({ child, auction }) => `child ${child} bids in ${auction}`),
  ];
}

/** The scenario with those of its parts alone. Ids that it does not have are no parts of it. */
export function only(scenario: Scenario, ids: ReadonlySet<string>): Scenario {
  const kept = <T>(kind: string, items: readonly T[]): T[] => items.filter((_, i) => ids.has(`${kind}-${i}`));
  const { faults, workload, budgets } = scenario;
  const { clockSteps = [], disks = [] } = faults;
  const restricted: Faults = {
    ...faults,
    weather: weatherOf(faults.weather, ids),
    partitions: kept("partition", faults.partitions),
    crashes: kept("crash", faults.crashes),
    pauses: kept("pause", faults.pauses),
    clockOffsetsMs: faults.clockOffsetsMs.map((offset) => (ids.has("skew") ? offset : 0)),
    clockDriftsPpm: (faults.clockDriftsPpm ?? []).map((drift) => (ids.has("drift") ? drift : 0)),
    clockSteps: kept("step", clockSteps),
    disks: kept("disk", disks),
    syncMs: ids.has("sync") ? faults.syncMs : 0,
  };
  return {
    ...scenario,
    culprits: kept("liar", scenario.culprits),
    strangers: kept("stranger", scenario.strangers),
    faults: restricted,
    workload: {
      auctions: kept("auction", workload.auctions),
      payments: kept("payment", workload.payments),
    },
    ...(budgets === undefined
      ? {}
      : {
          budgets: {
            ...budgets,
            deeds: kept("budget", budgets.deeds),
            bids: kept("child-bid", budgets.bids),
          },
        }),
  };
}

const weatherOf = (weather: Weather, ids: ReadonlySet<string>): Weather => ({
  ...weather,
  loss: ids.has("loss") ? weather.loss : CALM.loss,
  duplication: ids.has("duplication") ? weather.duplication : CALM.duplication,
  reordering: ids.has("reordering") ? weather.reordering : CALM.reordering,
  slow: ids.has("delay") ? weather.slow : CALM.slow,
});

const listed = <T>(kind: string, items: readonly T[], says: (item: T) => string): Part[] =>
  items.map((item, i) => ({ id: `${kind}-${i}`, says: says(item) }));

const percent = (probability: number): string => `${Math.round(probability * 1000) / 10} %`;

function auctionWords({
  name,
  atMs,
  creator,
  direction,
  bids,
  opensReserve,
  lapsesInMs,
  delivery,
}: AuctionPlan): string {
  const who = bids.map(({ host, isWithheld }) => `${host}${isWithheld ? " (never shown)" : ""}`).join(", ");
  const reserve = opensReserve === "atOnce" ? "" : `, reserve opened ${RESERVE_WORDS[opensReserve]}`;
  const lapse = lapsesInMs === null ? "" : `, lapses ${lapsesInMs} ms after the close`;
  const trades = delivery === null ? "" : `, whose performer ${PERFORMER_WORDS[delivery.performs]}`;
  return `peer ${creator} ${direction}s ${name} at ${atMs}${reserve}${lapse}${trades}, bids by ${who || "nobody"}`;
}

const budgetWords = ({ kind, atMs, child }: BudgetDeed): string => {
  const words = {
    open: `child ${child} is given a budget`,
    close: `the budget of child ${child} is closed`,
    meddle: `a stranger closes the budget of child ${child}`,
    replay: `the first budget of child ${child} is handed in again`,
    circle: `child ${child} gives its owner's owner a budget`,
    burst: `child ${child} bids everywhere at once`,
  };
  return `${words[kind]} at ${atMs}`;
};

const PERFORMER_WORDS: Readonly<Record<DeliveryPlan["performs"], string>> = {
  delivers: "delivers",
  forgets: "does not deliver",
  givesUp: "gives up",
  late: "delivers too late",
  twice: "delivers twice",
  failsAfter: "gives up when it has delivered",
};

const RESERVE_WORDS = { afterBids: "after the bids", never: "never" };

const DISK_WORDS: Readonly<Record<DiskFault["kind"], string>> = {
  full: "is full",
  turnedRow: "turns a bit of a row",
  turnedGuard: "turns a bit of the guard file",
  lostGuard: "loses the guard file",
  lostStore: "loses everything",
  lostBatch: "loses the last batch",
  oldRows: "comes back with older rows",
  oldImage: "comes back from an older image",
};

function diskWords(fault: DiskFault): string {
  const { kind, host, atMs, downMs } = fault;
  const copied = "copiedAtMs" in fault ? ` of ${fault.copiedAtMs}` : "";
  return `the disk of peer ${host} ${DISK_WORDS[kind]}${copied} at ${atMs} for ${downMs} ms`;
}
