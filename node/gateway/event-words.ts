// What a gateway tells the owner of its key, in a line.
import type { Limit } from "../../src/quota/index.js";
import { messageOf } from "../accident.js";
import { escaped } from "../printable.js";
import type { HostedEvent } from "./hosted-event.js";
import { grouped, UNITS, windowWords } from "./limit-words.js";
import { nearWords } from "./spending/words.js";

/** Of a request only that it is over. */
type Told = Exclude<HostedEvent, { readonly kind: "passed" }> | { readonly kind: "passed" };

/** null: it is told in figures alone */
export function eventWords(event: Told): string | null {
  switch (event.kind) {
    case "passed":
      return null;
    case "accident":
      return `a request came to nothing: ${messageOf(event.error)}`;
    case "drift": {
      const { limit, amount, forMs, pool, state } = event;
      const unit = `${UNITS[limit.dimension]} for ${escaped(pool)}`;
      const seen = `${grouped(amount)} ${unit} in ${secondWords(forMs)}`;
      return state === "begun"
        ? `somebody else uses the key: ${seen} so far did not come through here, of ${limitWords(limit)}; what is left is shared out`
        : `nobody else uses the key any more, as answers say: ${seen} had not come through here, of ${limitWords(limit)}`;
    }
    case "limits":
      if (event.limits.length === 0)
        return `no limit of ${escaped(event.pool)} is known any more: what a refusal told holds for an hour`;
      return `the upstream tells its limits for ${escaped(event.pool)}: ${event.limits.map(limitWords).join(", ")} hold now`;
    case "exhausted":
      return `the key is used up for ${escaped(event.pool)}: ${WHY[event.why]}${untilWords(event.untilMs)}; who asks is refused at once`;
    case "keyRefused": {
      const of = event.model === null ? "" : ` for ${escaped(event.model)}`;
      return event.isKnown
        ? `the upstream knows the key and does not let it be used${of}: clients get its answer; see what the key may do there`
        : `the upstream does not take the key${of}: clients get its answer; start the gateway again with one that is valid (--key-file)`;
    }
    case "keyTaken":
      return `the upstream takes the key again, after ${secondWords(event.forMs)}`;
    case "unanswered":
      return `the upstream does not answer: ${escaped(event.why)}; clients are told to come back, and are served once it does`;
    case "answers":
      return `the upstream answers again, after ${secondWords(event.forMs)}`;
    case "near":
      return nearWords(event.bound);
    case "unsettled":
      return `the ledger does not take the budget of ${event.agent} (${event.code}); its limits hold here all the same`;
    case "parts":
      return event.untilMs === null
        ? "no part of the key is this gateway's now: who asks waits until it has one"
        : `${event.parts} of 1,000 parts of the key are this gateway's, until ${new Date(event.untilMs).toISOString()} at least`;
    case "wishRefused":
      return `the ledger does not take what the gateway asks (${event.wish}): ${event.refusal.code}`;
    case "resumed":
      return `the key may be used again for ${escaped(event.pool)}`;
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

/** `60 requests a minute` */
const limitWords = ({ dimension, limit, windowMs }: Limit): string =>
  `${grouped(limit)} ${UNITS[dimension]} ${windowWords(windowMs)}`;

const secondWords = (ms: number): string => `${Math.ceil(ms / 1_000)} s`;
