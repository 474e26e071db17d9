// `auction watch`: one line per event, until the auction is over.
import { type ApiEvent, isOver, type OutcomeView } from "../../contract/index.js";
import { follow } from "../../sdk/follow.js";
import { EXIT } from "../commands.js";
import { CliFailure } from "../failure.js";
import type { Session } from "../session.js";
import { clock, creditsOf, painter, short } from "../show.js";
import { getAuction } from "./auction.js";
import { bidOf, priceOf, winners } from "./sale.js";

export async function watch(session: Session, _options: object, id: string): Promise<void> {
  const auction = await getAuction(session, id);
  const tell = (event: ApiEvent) => session.show(event, () => session.terminal.out(lineOf(event, session)));
  session.progress(`Watching ${short(auction.id)}, ${auction.phase}`);
  const signal =
    session.patienceMs === null ? new AbortController().signal : AbortSignal.timeout(session.patienceMs);
  for await (const event of follow(session.client, "auction.*,bid.*", signal)) {
    // The stream tells what is new: what was before it, and what it lost, the state tells.
    const blind = event === null || event.type === "stream.gap";
    if (event !== null && (blind || concerns(event, auction.id))) tell(event);
    if (!blind && isLast(event, auction.id)) return;
    if (blind && isOver((await getAuction(session, auction.id)).phase)) {
      await tellEnd(session, auction.id);
      return;
    }
  }
  const why = `it was not over within ${(session.patienceMs ?? 0) / 1000} s`;
  throw new CliFailure(
    EXIT.timeout,
    "TIMED_OUT",
    "stopped watching",
    why,
    "watch again, with a longer --timeout",
  );
}

/** An auction ends with its settlement, even where nothing was sold; a cancelled one has none. */
const isLast = (event: ApiEvent, auction: string): boolean =>
  concerns(event, auction) &&
  (event.type === "auction.settled" || (event.type === "auction.phase" && event.phase === "cancelled"));

const concerns = (event: ApiEvent, auction: string): boolean =>
  "auction" in event && event.auction === auction;

/** For whoever came after the last event: the end, from the state. */
async function tellEnd(session: Session, id: string): Promise<void> {
  const auction = await getAuction(session, id);
  session.show(auction, () => {
    const { outcome } = auction;
    const end =
      outcome?.status === "sold"
        ? saleOf(painter(session.terminal), outcome)
        : (outcome?.status ?? auction.phase);
    session.terminal.out(`${clock(outcome?.time ?? null)}  ${short(id)}  ${end}`);
  });
}

type Sale = Pick<OutcomeView, "awards" | "clearingPrice">;
const saleOf = (paint: ReturnType<typeof painter>, sale: Sale): string => {
  const isPurchase = sale.awards.some(({ receives }) => receives !== "0");
  const trade = isPurchase ? `${paint.green("bought")} from` : `${paint.green("sold")} to`;
  return `${trade} ${winners(sale.awards)} for ${priceOf(sale)}`;
};

/** How an auction ended: each end has its own words. */
function endOf(
  event: Extract<ApiEvent, { type: "auction.settled" }>,
  paint: ReturnType<typeof painter>,
): string {
  switch (event.outcome) {
    case "sold":
      return saleOf(paint, event);
    case "unsold":
      return `${paint.yellow("unsold")}: no bid was valid`;
    case "void":
      return `${paint.yellow("void")}: there was a valid bid, but the lot's window has lapsed`;
  }
}

function lineOf(event: ApiEvent, session: Session): string {
  const paint = painter(session.terminal);
  const line = (text: string) => `${paint.dim(clock(event.time))}  ${text}`;
  switch (event.type) {
    case "auction.opened":
      return line(
        `${short(event.auction)}  opened by ${short(event.creator)}, reserve ${creditsOf(event.reserve)}`,
      );
    case "auction.phase":
      return line(`${short(event.auction)}  ${paint.cyan(event.phase)}`);
    case "bid.committed":
      return line(
        `${short(event.auction)}  sealed bid of ${short(event.bidder)}, locks ${creditsOf(event.lockup)}`,
      );
    case "bid.revealed":
      return line(`${short(event.auction)}  ${short(event.bidder)} bid ${bidOf(event)}`);
    case "auction.settled":
      return line(`${short(event.auction)}  ${endOf(event, paint)}`);
    case "stream.gap":
      return line(paint.yellow(`${event.to - event.from + 1} events were missed`));
    default:
      return line(event.type);
  }
}
