// What became of an operation that was handed to the peer, as its step tells it.
import type { Bytes } from "../../src/base/index.js";
import type { Ready } from "../../src/peer/ready.js";

/** `full`: there was no room for it. `waits`: the same waits already in another form. Both may come again. */
export type Keeping = "kept" | "full" | "waits";

/** @param bytes the very bytes of an operation that was stepped */
export function keepingOf(bytes: Bytes, { notify }: Pick<Ready, "notify">): Keeping {
  for (const notice of notify) {
    if (notice.kind === "notKept" && notice.bytes === bytes && notice.why !== "displaced") return notice.why;
  }
  return "kept";
}
