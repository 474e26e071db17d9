// One try of a handover, and what it came to, in a code that its owner is shown.
import type { Logger } from "pino";
import { messageOf } from "../accident.js";
import { FrameError } from "../net/frame-stream.js";
import { NetworkRefusal } from "../net/index.js";
import { GoodsRefusal, refusalOf } from "./shelf.js";
import { StepFault } from "./steps.js";

/** What nobody foresaw is told to the log. */
export async function tried(
  log: Pick<Logger, "info">,
  work: () => Promise<unknown>,
): Promise<"done" | { readonly trouble: string }> {
  try {
    await work();
    return "done";
  } catch (thrown) {
    const error = refusalOf(thrown);
    if (error instanceof StepFault || error instanceof GoodsRefusal || error instanceof NetworkRefusal)
      return { trouble: error.code };
    if (!(error instanceof FrameError)) log.info({ err: messageOf(error) }, "a handover broke off");
    return { trouble: "BROKEN_OFF" };
  }
}
