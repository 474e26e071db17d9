// phases.json fixes the rules of phases: read by spec/auctions alone, each row of these rules, changed, fails some course.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

interface Clock {
  readonly outagesMs: number;
  readonly spentToMs: number;
}
interface Running {
  readonly kind: "open" | "reveal";
  readonly openedAt: number;
  readonly openedMs: number;
  readonly epoch: number;
  readonly leaders: readonly number[];
  readonly outagesMs: number;
  readonly closeMs: number | null;
  readonly extensions?: number;
  readonly plannedMs?: number;
}
interface Ended {
  readonly kind: "done" | "unsold" | "void" | "ended";
  readonly endedAt: number;
  readonly endedMs: number;
  readonly dueMs: number;
}
type Phase = { readonly kind: "scheduled" } | Running | Ended;

interface Entry {
  readonly height: number;
  readonly timeMs: number;
  readonly leader: number;
  readonly epoch: number;
  readonly execHeight: number;
  readonly critical: number;
  readonly reveals: number;
  readonly auction: { readonly commits: number; readonly reveals: number; readonly reserveOpened: boolean };
  readonly phase: Phase;
  readonly clock: Clock;
}
interface Course {
  readonly name: string;
  readonly genesisMs: number;
  readonly tolerance: number;
  readonly terms: { openMs: number; commitMs: number; revealMs: number; hidesReserve: boolean };
  readonly entries: readonly Entry[];
}

const FILE = JSON.parse(readFileSync(new URL("../vectors/phases.json", import.meta.url), "utf8")) as {
  params: { idleMs: number; deltaMs: number };
  courses: readonly Course[];
};
const LIMIT_MS = Math.max(10 * FILE.params.idleMs, 20 * FILE.params.deltaMs);

/** What the chapters say, one decision a row; a wrong reader has another in its place. */
const RULES = {
  /** spec/time#O1, O3 */
  isOutage: (gapMs: number, aheadMs: number) => gapMs > LIMIT_MS && aheadMs <= 30 * LIMIT_MS,
  restMs: 10 * LIMIT_MS,
  /** spec/auctions#P9 */
  keepsItsTime: (closeMs: number, parentMs: number) => closeMs <= parentMs,
  /** P2 */
  opens: (timeMs: number, openMs: number) => timeMs >= openMs,
  windowFromMs: (timeMs: number, _openMs: number) => timeMs,
  plannedMs: (closeMs: number, outagesMs: number) => Math.max(0, closeMs - outagesMs),
  /** P3 */
  suffice: (leaders: number, tolerance: number) => leaders > tolerance,
  /** P4 */
  extends: (fullRun: number, tolerance: number, extensions: number) => fullRun > tolerance && extensions < 8,
  revealHasClose: false,
  /** P5 */
  isShown: (hidesReserve: boolean, isOpened: boolean) => !hidesReserve || isOpened,
  endsShown: (closeMs: number | null): boolean => closeMs !== null,
  /** P6 */
  isHeld: (since: number, tolerance: number) => since <= tolerance + 1,
  holdsShown: false,
  /** spec/auctions#S1 */
  dueMs: (closeMs: number, timeMs: number) => Math.min(closeMs, timeMs),
  /** C1, C2, C3, C4 */
  knew: (execHeight: number, openedAt: number) => execHeight >= openedAt,
  isNews: (execHeight: number, parents: number) => execHeight > parents,
  isLate: (timeMs: number, closeMs: number | null) => closeMs === null || timeMs >= closeMs,
  isFull: (leaders: number, tolerance: number) => leaders > tolerance,
  forgetsEpochs: true,
  revealFromMs: (timeMs: number, _openedMs: number) => timeMs,
  emptiesAtWindow: true,
  /** spec/money#G1, G3 */
  lane: 950,
  laneOfReveals: 950,
};
type Rules = typeof RULES;

/** Lives through a course; the first height whose phase or clock is not the file's, or null. */
function firstWrong({ genesisMs, tolerance, terms, entries }: Course, rules: Rules): number | null {
  let clock: Clock = { outagesMs: 0, spentToMs: 0 };
  let phase: Phase | null = null;
  let parent = { timeMs: genesisMs, execHeight: 0 };
  let shown = { commits: 0, reveals: 0, reserveOpened: false };
  let [fullRun, revealsFullAt] = [0, 0];
  const closeOf = ({ closeMs, outagesMs }: Running): number | null =>
    closeMs === null ? null : closeMs + clock.outagesMs - outagesMs;
  for (const {
    height,
    timeMs,
    leader,
    epoch,
    execHeight,
    critical,
    reveals,
    auction,
    ...wanted
  } of entries) {
    const running = (): Running | null => (phase?.kind === "open" || phase?.kind === "reveal" ? phase : null);
    const begun = (kind: Running["kind"], closeMs: number | null): Running => {
      const { outagesMs } = clock;
      return { kind, openedAt: height, openedMs: timeMs, epoch, leaders: [], outagesMs, closeMs };
    };
    const counted = (one: Running) => (one.epoch === epoch || !rules.forgetsEpochs ? one.leaders : []);

    const gapMs = timeMs - parent.timeMs;
    const beganMs = parent.timeMs - clock.outagesMs;
    const spentToMs = Math.max(clock.spentToMs, beganMs);
    if (rules.isOutage(gapMs, spentToMs - beganMs)) {
      const one = running();
      const closeMs = one && closeOf(one);
      if (one && closeMs !== null && rules.keepsItsTime(closeMs, parent.timeMs))
        phase = { ...one, outagesMs: one.outagesMs + gapMs };
      clock = { outagesMs: clock.outagesMs + gapMs, spentToMs: spentToMs + rules.restMs };
    }

    const before = running();
    if (phase === null) phase = { kind: "scheduled" };
    else if (phase.kind === "scheduled" && rules.opens(timeMs, terms.openMs))
      phase = { ...begun("open", rules.windowFromMs(timeMs, terms.openMs) + terms.commitMs), extensions: 0 };
    else if (before !== null) {
      const closeMs = closeOf(before);
      const mayClose =
        closeMs !== null && timeMs >= closeMs && rules.suffice(counted(before).length, tolerance);
      const extensions = before.extensions ?? 0;
      const isShown =
        shown.reveals === shown.commits && rules.isShown(terms.hidesReserve, shown.reserveOpened);
      const isHeld = revealsFullAt > 0 && rules.isHeld(height - revealsFullAt, tolerance);
      if (before.kind === "open" && mayClose)
        phase = rules.extends(fullRun, tolerance, extensions)
          ? { ...before, extensions: extensions + 1 }
          : {
              ...begun("reveal", rules.revealHasClose ? timeMs + terms.revealMs : null),
              plannedMs: rules.plannedMs(before.closeMs!, before.outagesMs),
            };
      const endsShown = isShown && rules.endsShown(closeMs) && !(rules.holdsShown && isHeld);
      if (before.kind === "reveal" && (endsShown || (mayClose && !isHeld)))
        phase = {
          kind: "ended",
          endedAt: height,
          endedMs: timeMs,
          dueMs: rules.dueMs(closeMs ?? timeMs, timeMs),
        };
    }

    const now = running();
    const known = now === null ? [] : counted(now);
    const counts =
      now !== null &&
      rules.knew(execHeight, now.openedAt) &&
      rules.isNews(execHeight, parent.execHeight) &&
      rules.isLate(timeMs, closeOf(now)) &&
      !rules.isFull(known.length, tolerance) &&
      !known.includes(leader);
    if (counts) {
      const leaders = [...known, leader].sort((a, b) => a - b);
      const begins = now.kind === "reveal" && now.closeMs === null && leaders.length > tolerance;
      const { outagesMs } = clock;
      const closeMs = rules.revealFromMs(timeMs, now.openedMs) + terms.revealMs;
      phase = begins
        ? { ...now, epoch, leaders: rules.emptiesAtWindow ? [] : leaders, outagesMs, closeMs }
        : { ...now, epoch, leaders };
    }
    fullRun = critical >= rules.lane ? fullRun + 1 : 0;
    if (reveals >= rules.laneOfReveals) revealsFullAt = height;

    // Who won is not told by these tables.
    const isEnd = phase.kind === "ended" && !["scheduled", "open", "reveal"].includes(wanted.phase.kind);
    const mine = isEnd ? { ...phase, kind: wanted.phase.kind } : phase;
    if (JSON.stringify(sorted(mine)) !== JSON.stringify(sorted(wanted.phase))) return height;
    if (JSON.stringify(clock) !== JSON.stringify(wanted.clock)) return height;
    [parent, shown] = [{ timeMs, execHeight }, auction];
  }
  return null;
}

const sorted = (value: object) => Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));

const WRONG: Readonly<Record<string, Partial<Rules>>> = {
  "a gap of the limit is an outage": { isOutage: (gap, ahead) => gap >= LIMIT_MS && ahead <= 30 * LIMIT_MS },
  "there are no outages": { isOutage: () => false },
  "every long gap is an outage": { isOutage: (gap) => gap > LIMIT_MS },
  "three outages may follow each other": {
    isOutage: (gap, ahead) => gap > LIMIT_MS && ahead <= 20 * LIMIT_MS,
  },
  "an outage needs five limits of rest": { restMs: 5 * LIMIT_MS },
  "an outage moves closes that have come": { keepsItsTime: () => false },
  "it opens after its time only": { opens: (time, open) => time > open },
  "reveals are counted in ledger time": { plannedMs: (closeMs) => closeMs },
  "commits run from the announced time": { windowFromMs: (_, open) => open },
  "F leaders suffice": { suffice: (leaders, tolerance) => leaders >= tolerance },
  "F full lanes put off the close": { extends: (run, tolerance, so) => run >= tolerance && so < 8 },
  "nine extensions": { extends: (run, tolerance, so) => run > tolerance && so < 9 },
  "no extensions": { extends: () => false },
  "REVEAL has its close at once": { revealHasClose: true },
  "a hidden reserve holds nothing open": { isShown: () => true },
  "REVEAL never ends early": { endsShown: () => false },
  "REVEAL ends early before its window runs": { endsShown: () => true },
  "reveals hold REVEAL for F entries": { isHeld: (since, tolerance) => since <= tolerance },
  "full lanes hold nothing": { isHeld: () => false },
  "full lanes hold what is shown too": { holdsShown: true },
  "REVEAL was due when it ended": { dueMs: (_, time) => time },
  "REVEAL was due at its close, though it ended before": { dueMs: (close) => close },
  "a leader counts that does not know the phase": { knew: () => true },
  "a leader counts that repeats its parent's execution": { isNews: () => true },
  "a leader counts before the close": { isLate: () => true },
  "every leader counts": { isFull: () => false },
  "leaders of another epoch count": { forgetsEpochs: false },
  "reveals run from the opening of REVEAL": { revealFromMs: (_, opened) => opened },
  "leaders that began the window count for its end": { emptiesAtWindow: false },
  "949 operations fill a lane": { lane: 949 },
  "949 reveals hold REVEAL": { laneOfReveals: 949 },
};

describe("the rules of phases in phases.json", () => {
  it.each(FILE.courses.map((one) => [one.name, one] as const))("are the documented ones: %s", (_, course) => {
    expect(firstWrong(course, RULES)).toBeNull();
  });

  it.each(Object.entries(WRONG))("are not: %s", (_, wrong) => {
    const noticed = FILE.courses.filter((one) => firstWrong(one, { ...RULES, ...wrong }) !== null);
    expect(noticed.length).toBeGreaterThan(0);
  });

  it("have a wrong reader for every row", () => {
    const changed = new Set(Object.values(WRONG).flatMap((one) => Object.keys(one)));
    expect(Object.keys(RULES).filter((row) => !changed.has(row))).toEqual([]);
  });
});
