// Bugs planted in the scheduler, one at a time: random stories see each, by the law that it breaks.
import { afterEach, describe, expect, it } from "vitest";
import { Bands } from "../../src/quota/bands.js";
import { Bucket } from "../../src/quota/bucket.js";
import { Congestion } from "../../src/quota/congestion.js";
import { FairQueue } from "../../src/quota/fair-queue.js";
import { Flow } from "../../src/quota/flow.js";
import { Pool } from "../../src/quota/index.js";
import { Lending } from "../../src/quota/lending.js";
import { Level } from "../../src/quota/level.js";
import { Limits } from "../../src/quota/limits.js";
import { Room } from "../../src/quota/room.js";
import { Runs } from "../../src/quota/runs.js";
import { Waiters } from "../../src/quota/waiters.js";
import { Waits } from "../../src/quota/waits.js";
import { brokenLaw, type Law, type Traits } from "./story.js";

const SEEDS = 200;

/** What a class has, private members too. */
// biome-ignore lint/suspicious/noExplicitAny: a bug does not respect who may name what
type Any = any;
type Honest = (...given: Any[]) => Any;

interface Mutant {
  readonly says: string;
  readonly breaks: Law;
  /** what its stories are made of, besides chance */
  readonly traits?: Partial<Traits> & { readonly steps?: number };
  readonly of: { readonly prototype: object };
  readonly member: string;
  /** what a method, or a getter, does instead */
  readonly does: (self: Any, honest: Honest, ...given: Any[]) => Any;
}

const MUTANTS: readonly Mutant[] = [
  {
    says: "a limit is taken for a twentieth more than it is",
    breaks: "limit",
    ...{ of: Bucket, member: "measure" },
    does: (self, honest) => {
      honest();
      self.mostOfAll = (self.mostOfAll * 21n) / 20n;
    },
  },
  {
    says: "what is given back is so in full, though some of it has flowed off as nothing",
    breaks: "account",
    ...{ of: Level, member: "giveBack" },
    does: (self, _, __, less) => self.fall(less),
  },
  {
    says: "a request that reached nobody is counted as it was reserved",
    breaks: "account",
    ...{ of: Limits, member: "settle" },
    does: (_, honest, reservation, used, nowMs) =>
      honest(reservation, used ?? { inputTokens: 0, outputTokens: 0 }, nowMs),
  },
  {
    says: "what is known of a request that runs makes no difference",
    breaks: "account",
    ...{ of: Limits, member: "correct" },
    does: () => undefined,
  },
  {
    says: "what was known to be less, and is more after all, is given back twice",
    breaks: "account",
    ...{ of: Bucket, member: "correct" },
    does: (_, honest, mark, use, nowMs) => ({ ...honest(mark, use, nowMs), sent: mark.sent }),
  },
  {
    says: "what is known of a request that runs is charged again when it is over",
    breaks: "evidence",
    ...{ of: Runs, member: "heard" },
    does: (self, honest, id, used, nowMs) => {
      const { cost } = self.running.get(id);
      honest(id, used, nowMs);
      self.running.set(id, { ...self.running.get(id), cost });
    },
  },
  {
    says: "output that is still being written holds nothing",
    breaks: "account",
    ...{ of: Bucket, member: "reserve" },
    does: (self, honest, use, nowMs) => {
      const mark = honest(use, nowMs);
      self.held -= mark.written;
      return { ...mark, written: 0 };
    },
  },
  {
    says: "a limit that changes forgets what is used",
    breaks: "account",
    traits: { isRelimited: true, isRestarted: false },
    ...{ of: Bucket, member: "relimit" },
    does: (self, honest, limit, nowMs) => {
      honest(limit, nowMs);
      self.level.level = new Level();
    },
  },
  {
    says: "a limit that is new knows nothing of what runs",
    breaks: "account",
    traits: { isRelimited: true, isRestarted: false },
    ...{ of: Limits, member: "relimit" },
    does: (_, honest, limits, running, nowMs) => {
      honest(limits, [], nowMs);
      for (const { reservation } of running) reservation.clear();
    },
  },
  {
    says: "what is recalled has flowed off for twice as long",
    breaks: "account",
    ...{ of: Pool, member: "recall" },
    does: (_, honest, past, nowMs) => honest({ ...past, agoMs: 2 * past.agoMs }, nowMs),
  },
  {
    says: "what is recalled is used just now",
    breaks: "account",
    ...{ of: Pool, member: "recall" },
    does: (_, honest, past, nowMs) => honest({ ...past, agoMs: 0 }, nowMs),
  },
  {
    says: "the flow that came first goes first",
    breaks: "fair",
    ...{ of: FairQueue, member: "head" },
    does: (self) => {
      const flow = [...self.flows.values()].find(({ waiting }: Any) => waiting.length > 0);
      return flow === undefined ? null : { flow: flow.id, item: flow.waiting[0] };
    },
  },
  {
    says: "who was idle begins where it was",
    breaks: "fair",
    ...{ of: Flow, member: "lift" },
    does: (self, honest, floor) => honest(floor, self.charged),
  },
  {
    says: "who comes begins beside whoever has lent most, and lends again",
    breaks: "fair",
    traits: { isCorrected: false, isRefused: false, isRelimited: false, isRestarted: false },
    ...{ of: Flow, member: "level" },
    does: ({ charged, weight }) => ({ charged, weight }),
  },
  {
    says: "all flows weigh the same",
    breaks: "fair",
    ...{ of: FairQueue, member: "join" },
    does: (_, honest, flow, __, item, nowMs) => honest(flow, { weight: 1 }, item, nowMs),
  },
  {
    says: "what a request turned out to cost is not corrected",
    breaks: "evidence",
    ...{ of: Lending, member: "grant" },
    does: (_, honest, flow, cost) => honest(flow, Math.max(0, cost)),
  },
  {
    says: "who asks for something lends what nobody borrows",
    breaks: "evidence",
    ...{ of: Lending, member: "close" },
    does: (self, honest) => {
      honest();
      for (const account of self.accounts.values()) account.lent += account.open > 0 ? 1 : 0;
    },
  },
  {
    says: "the last of a flow goes first",
    breaks: "order",
    ...{ of: Flow, member: "serve" },
    does: (self, honest) => {
      self.waiting.reverse();
      const item = honest();
      self.waiting.reverse();
      return item;
    },
  },
  {
    says: "a lower band has no part of what is served above it",
    breaks: "floor",
    traits: { isRefused: false, isRelimited: false, isRestarted: false, steps: 250 },
    ...{ of: Bands, member: "head" },
    does: (self) => {
      const row = self.rows.find(({ queue }: Any) => queue.head !== null);
      return row === undefined ? null : { band: row.band, ...row.queue.head };
    },
  },
  {
    says: "bands take turns",
    breaks: "floor",
    traits: { isRefused: false, isRelimited: false, isRestarted: false },
    ...{ of: Bands, member: "serve" },
    does: (self, honest, next) => {
      const item = honest(next);
      for (const row of self.rows) row.owed += 2 * item.cost * self.floorBp;
      return item;
    },
  },
  {
    says: "a request waits a millisecond longer than it must",
    breaks: "work",
    ...{ of: Bucket, member: "msUntilFits" },
    does: (_, honest, use, nowMs, keptBp) => {
      const ms = honest(use, nowMs, keptBp);
      return ms === null ? null : ms + 1;
    },
  },
  {
    says: "what is left to the interactive band is kept from it too",
    breaks: "work",
    ...{ of: Room, member: "keptFrom" },
    does: (_, honest, __, nowMs) => honest("normal", nowMs),
  },
  {
    says: "the interactive band is left something for ever",
    breaks: "work",
    ...{ of: Room, member: "keptFrom" },
    does: (self, _, band) =>
      band === "interactive" ? null : { bp: self.bp, untilMs: Number.POSITIVE_INFINITY },
  },
  {
    says: "lower bands take what is left to the interactive one",
    breaks: "kept",
    ...{ of: Room, member: "keptFrom" },
    does: () => null,
  },
  {
    says: "a turn is told for a moment too early",
    breaks: "wake",
    ...{ of: Pool, member: "turn" },
    does: (_, honest, nowMs) => {
      const turn = honest(nowMs);
      return { ...turn, wakeAtMs: turn.wakeAtMs === null ? null : Math.max(nowMs, turn.wakeAtMs - 1) };
    },
  },
  {
    says: "after a refusal all go on",
    breaks: "herd",
    traits: { isRefused: true },
    ...{ of: Congestion, member: "width" },
    does: (self) => Math.floor(self.slots / 1_000),
  },
  {
    says: "a pause is over at once",
    breaks: "herd",
    traits: { isRefused: true },
    ...{ of: Congestion, member: "blockedUntil" },
    does: () => null,
  },
  {
    says: "of several pauses the last counts, not the longest",
    breaks: "herd",
    traits: { isRefused: true },
    ...{ of: Congestion, member: "refused" },
    does: (self, honest, refusal) => {
      self.pausedUntilMs = null;
      honest(refusal);
    },
  },
  {
    says: "what never fits any more waits on",
    breaks: "whole",
    ...{ of: Pool, member: "unfit" },
    does: () => [],
  },
  {
    says: "who has waited for too long waits on",
    breaks: "whole",
    ...{ of: Waiters, member: "expire" },
    does: () => [],
  },
  {
    says: "time in which others were next is counted as one's own",
    breaks: "wait",
    ...{ of: Waits, member: "end" },
    does: (self, honest, id, since, nowMs) => {
      self.asNext.set(id, { ...self.all });
      return honest(id, since, nowMs);
    },
  },
];

const undo: (() => void)[] = [];
afterEach(() => {
  for (const one of undo.splice(0)) one();
});

function plant({ of: { prototype }, member, does }: Mutant): void {
  const honest = Object.getOwnPropertyDescriptor(prototype, member)!;
  undo.push(() => Object.defineProperty(prototype, member, honest));
  const broken = (of: (self: Any) => Honest) =>
    function (this: Any, ...given: Any[]) {
      return does(this, of(this), ...given);
    };
  Object.defineProperty(
    prototype,
    member,
    honest.get === undefined
      ? { ...honest, value: broken((self) => honest.value.bind(self)) }
      : { ...honest, get: broken((self) => honest.get!.bind(self)) },
  );
}

describe("a planted bug is seen by its law", () => {
  it.each(MUTANTS)("$breaks: $says", (mutant) => {
    plant(mutant);
    const seen: string[] = [];
    for (let seed = 1; seed <= SEEDS && !seen.includes(mutant.breaks); seed++) {
      const broken = brokenLaw(seed, { steps: 80, ...mutant.traits });
      if (broken !== null) seen.push(broken.law);
    }
    expect(seen).toContain(mutant.breaks);
  });
});
