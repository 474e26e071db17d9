// Arguments and flags that several commands take.
import { arg, flag } from "../leaf.js";
import { credits, idPrefix, wholeId, wholeNumber } from "../parse.js";

export const auctionArg = arg("<auction>", "id, or a unique beginning of it", idPrefix);
export const actorFlags = [
  flag("--agent <id>", "the agent that acts (default: the daemon's)", wholeId),
  flag("--fee <credits>", "what the log is paid for it (default: what is asked now)", credits),
];
export const pageFlags = [
  flag("--limit <n>", "how many", wholeNumber(1, 200), 20),
  flag("--cursor <cursor>", "the page that follows another"),
];
