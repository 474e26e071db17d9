// No gateway: whatever the upstream says, the client hears.
import type { Door, Knock, Reply } from "../door.js";
import type { ModelUpstream } from "../model-upstream.js";

export const direct = (upstream: ModelUpstream): Door => ({
  async knock(one: Knock): Promise<Reply> {
    const served = upstream.serve(one);
    if (served.kind === "refused") return { kind: "refused", retryMs: served.waitMs };
    await served.answer;
    return { kind: "answered" };
  },
});
