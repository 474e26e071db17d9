// A gateway that gives each agent its part of the limits: whoever has used it waits, in the order in which its requests came.
import type { OutputCount, Use } from "../../../../src/quota/index.js";
import type { Member } from "../crowd.js";
import type { Door } from "../door.js";
import type { ModelUpstream } from "../model-upstream.js";
import type { VirtualClock } from "../virtual-clock.js";
import { Estimators, outlineOf } from "./estimators.js";
import type { Part } from "./parts.js";

export function divided(
  parts: ReadonlyMap<string, Part>,
  output: OutputCount,
  clock: VirtualClock,
  upstream: ModelUpstream,
): Door {
  const estimators = new Estimators();
  /** when the last request of each agent has had its turn */
  const turns = new Map<string, Promise<void>>();
  const turn = async ({ name }: Member, estimate: Use, before: Promise<void>): Promise<void> => {
    const part = parts.get(name)!;
    await before;
    for (let ms = part.msUntil(estimate); ms > 0; ms = part.msUntil(estimate)) await clock.sleep(ms);
    part.add(estimate, null);
  };
  return {
    async knock(one) {
      const { member } = one;
      const outline = outlineOf(one, output);
      const estimate = estimators.of(member).estimate(outline, clock.nowMs());
      const mine = turn(member, estimate, turns.get(member.name) ?? Promise.resolve());
      turns.set(member.name, mine);
      await mine;
      const served = upstream.serve(one);
      const part = parts.get(member.name)!;
      if (served.kind === "refused") {
        part.add({ inputTokens: 0, outputTokens: 0 }, estimate);
        return { kind: "refused", retryMs: served.waitMs };
      }
      const told = await served.answer;
      estimators.of(member).learn(outline, told);
      const { inputTokens, outputTokens: written } = told.used;
      const outputTokens = output === "asked" ? estimate.outputTokens : written;
      part.add({ inputTokens, outputTokens }, estimate);
      return { kind: "answered" };
    },
  };
}
