// Doors that keep requests waiting in a pool: the gateway's own way, and the same without fairness.
import { RisingFloor } from "../../../../node/gateway/rising-floor.js";
import type { PoolRules, Told, Use } from "../../../../src/quota/index.js";
import type { Reading } from "../../../upstream/amounts.js";
import type { Member } from "../crowd.js";
import type { Door, Knock, Reply } from "../door.js";
import type { ModelUpstream } from "../model-upstream.js";
import type { VirtualClock } from "../virtual-clock.js";
import { Estimators, outlineOf } from "./estimators.js";
import { VirtualLine } from "./virtual-line.js";

/** Sent in all, the client's own repetitions included, as the gateway does. */
const MOST_ATTEMPTS = 3;

/** mabeam: each agent a flow of its own, in its band, with its weight. */
export const fair = (rules: PoolRules, clock: VirtualClock, upstream: ModelUpstream): Door =>
  queueBefore(clock, upstream, new VirtualLine(rules, clock), rules, (one) => one);

/** One queue in the order of arrival, with the same knowledge of the limits. */
export const fifo = (rules: PoolRules, clock: VirtualClock, upstream: ModelUpstream): Door =>
  queueBefore(clock, upstream, new VirtualLine(rules, clock), rules, () => ({
    name: "all",
    band: "normal",
    weight: 1,
    lanes: 1,
  }));

/** Where requests wait. */
export type QueueLine = Pick<VirtualLine, "wait" | "answered" | "heard" | "refused" | "settle"> & {
  /** the answer to one that runs says how full limits are; not there: nobody else uses them */
  see?(id: string, readings: readonly Reading[]): void;
};

export function queueBefore(
  clock: VirtualClock,
  upstream: ModelUpstream,
  line: QueueLine,
  rules: PoolRules,
  standingOf: (member: Member) => Member,
): Door {
  const estimators = new Estimators();
  const attempt = async (one: Knock, id: string, estimate: Use): Promise<Attempted> => {
    const { name, band, weight } = standingOf(one.member);
    const outcome = await line.wait({ id, flow: name, band, weight, estimate, untilMs: one.untilMs });
    if (outcome === "late") return turnedAway({ kind: "refused", retryMs: 1_000 });
    if (outcome !== "go")
      return turnedAway(
        outcome.code === "NEVER_FITS" ? { kind: "error" } : { kind: "refused", retryMs: 5_000 },
      );
    const floor = new RisingFloor(clock.nowMs());
    const served = upstream.serve(one, {
      begun() {
        line.answered();
        if (served.kind === "taken") line.see?.(id, served.readings);
      },
      heard(used) {
        if (floor.hasRisen(soFar(used), clock.nowMs())) line.heard(id, used);
      },
    });
    if (served.kind === "refused") {
      line.refused(id, served.waitMs);
      line.settle(id, { inputTokens: 0, outputTokens: 0 });
      return { reply: { kind: "refused", retryMs: served.waitMs }, told: null, isOver: false };
    }
    const told = await served.answer;
    line.settle(id, told.used);
    return { reply: { kind: "answered" }, told, isOver: true };
  };
  return {
    async knock(one) {
      const estimator = estimators.of(one.member);
      const outline = outlineOf(one, rules.output);
      const attempts = Math.max(1, MOST_ATTEMPTS - one.repeated);
      for (let turn = 1; ; turn++) {
        const estimate = estimator.estimate(outline, clock.nowMs());
        const { reply, told, isOver } = await attempt(one, `${one.id}-${turn}`, estimate);
        if (told !== null) estimator.learn(outline, told);
        else if (!isOver) estimator.refused(outline);
        if (isOver || turn === attempts) return reply;
      }
    },
  };
}

/** As the gateway's reader tells it of a stream. */
const soFar = ({ inputTokens, outputTokens }: Use): Parameters<RisingFloor["hasRisen"]>[0] => ({
  usage: { freshInput: inputTokens, cacheRead: 0, cacheWrite: 0, cacheWriteHour: 0, output: outputTokens },
  isUsageFinal: false,
  contentChars: 0,
});

interface Attempted {
  readonly reply: Reply;
  readonly told: Told | null;
  /** it is not tried again */
  readonly isOver: boolean;
}

const turnedAway = (reply: Reply): Attempted => ({ reply, told: null, isOver: true });
