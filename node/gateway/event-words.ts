// What a gateway tells the owner of its key, in a line.
import { messageOf } from "../accident.js";
import { escaped } from "../printable.js";
import type { GatewayEvent } from "./gateway.js";

/** null: it is told in figures alone */
export function eventWords(event: GatewayEvent): string | null {
  switch (event.kind) {
    case "passed":
      return null;
    case "accident":
      return `a request came to nothing: ${messageOf(event.error)}`;
    case "drift":
      return `somebody else uses the key: ${event.amount} ${event.dimension} that did not come through here`;
    case "exhausted":
      return `the key is used up for ${event.pool}: ${WHY[event.why]}${untilWords(event.untilMs)}; who asks is refused at once`;
    case "resumed":
      return `the key may be used again for ${event.pool}`;
    case "unlisted":
      return `no list of prices names ${escaped(event.model)}: it costs as ${event.pricedAs} does`;
    case "booksUnwritable":
      return `${event.error.message}; to mend it: ${event.error.fix}`;
    case "booksWritable":
      return `the gateway's books are written again${event.lostRecords === 0 ? "" : `, without ${event.lostRecords} records`}`;
    case "plan": {
      const { isRejected, claim, untilMs, usedBp } = event.plan;
      const used = usedBp === null ? "is in use" : `is used to ${usedBp / 100} %`;
      const window = claim === null ? "" : ` (${claim})`;
      return `the key's subscription ${isRejected ? "is used up" : used}${window}${untilWords(untilMs)}`;
    }
  }
}

const WHY = {
  credit: "nothing that was paid is left",
  day: "its limit of a day",
  plan: "its subscription",
} as const;

const untilWords = (untilMs: number | null): string =>
  untilMs === null ? "" : `, until ${new Date(untilMs).toISOString()}`;
