// A gateway that counts what answers have used, and refuses whoever is above its part: status 429, with the time until it is not.
import type { OutputCount } from "../../../../src/quota/index.js";
import type { Door } from "../door.js";
import type { ModelUpstream } from "../model-upstream.js";
import type { Part } from "./parts.js";

export function rejecting(
  parts: ReadonlyMap<string, Part>,
  output: OutputCount,
  upstream: ModelUpstream,
): Door {
  return {
    async knock(one) {
      const part = parts.get(one.member.name)!;
      const retryMs = part.msUntil(ONE);
      if (retryMs > 0) return { kind: "refused", retryMs };
      part.add(NOTHING_YET, null);
      const served = upstream.serve(one);
      if (served.kind === "refused") return { kind: "refused", retryMs: served.waitMs };
      const { inputTokens, outputTokens: written } = (await served.answer).used;
      const outputTokens = output === "asked" ? one.call.maxTokens : written;
      part.add({ inputTokens, outputTokens }, NOTHING_YET);
      return { kind: "answered" };
    },
  };
}

/** What there must be room for. */
const ONE = { inputTokens: 1, outputTokens: 1 };
/** Of one that is not answered yet its tokens are not known. */
const NOTHING_YET = { inputTokens: 0, outputTokens: 0 };
