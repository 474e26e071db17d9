// A gateway that tries again by itself, as `@portkey-ai/gateway` does with `retry: {attempts: 5}`: pauses of 1, 2, 4, 8 and 16 s.
import type { Door } from "../door.js";
import type { ModelUpstream } from "../model-upstream.js";
import type { VirtualClock } from "../virtual-clock.js";

const PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 16_000];

export const retrying = (clock: VirtualClock, upstream: ModelUpstream): Door => ({
  async knock(one) {
    let served = upstream.serve(one);
    for (const ms of PAUSES_MS) {
      if (served.kind === "taken") break;
      await clock.sleep(ms);
      served = upstream.serve(one);
    }
    if (served.kind === "refused") return { kind: "refused", retryMs: served.waitMs };
    await served.answer;
    return { kind: "answered" };
  },
});
