// `bid place`, `bid list`.
import { type ApiEvent, type BidView, isOver, type Receipt } from "../../contract/index.js";
import { EXIT } from "../commands.js";
import { CliFailure } from "../failure.js";
import { tellIfLate } from "../late.js";
import type { Session } from "../session.js";
import { clock, creditsOf, short, table } from "../show.js";
import { getAuction, showBids } from "./auction.js";
import { bidOf } from "./sale.js";

interface PlaceOptions {
  readonly units?: number;
  readonly lockup?: string;
  readonly agent?: string;
  readonly fee?: string;
  readonly delay?: number;
  readonly now?: true;
  readonly wait?: true;
}

const WHAT = "could not place the bid";

export async function place(
  session: Session,
  options: PlaceOptions,
  id: string,
  amount: string,
): Promise<void> {
  const auction = await getAuction(session, id);
  const delayMs = options.now === true ? 0 : options.delay;
  const body = {
    auction: auction.id,
    amount,
    units: options.units ?? null,
    lockup: options.lockup ?? null,
    ...(delayMs === undefined ? {} : { delayMs }),
    ...(options.agent === undefined ? {} : { agent: options.agent }),
    ...(options.fee === undefined ? {} : { fee: options.fee }),
  };
  const receipt = await session.client.ask("placeBid", { body }, WHAT);
  if (!session.json) for (const warning of receipt.warnings) session.terminal.err(`warning: ${warning}`);
  if (options.wait === true) {
    session.progress(`Waiting for the log; the bid is published by ${clock(receipt.publishesAt)} …`);
    await session.waitFor(
      "bid.*,auction.*,operation.*",
      (event) => commitFound(session, receipt, event),
      WHAT,
    );
  }
  session.show(receipt, () => {
    const each = options.units === undefined ? "" : ` for each of ${options.units} units`;
    const name = `Bid of ${creditsOf(amount)} credits${each} on ${short(auction.id)} by ${short(receipt.agent)}`;
    session.terminal.out(`${name}: ${standingOf(receipt, options.wait === true)}`);
    if (receipt.replaces !== null)
      session.terminal.out(`It replaces this agent's earlier bid there, ${short(receipt.replaces)}.`);
    session.progress(`Follow it: ${session.terminal.self} auction watch ${short(auction.id)}`);
  });
}

/** What others know of the bid by now. */
function standingOf({ operation, publishesAt }: Receipt, isFinal: boolean): string {
  if (isFinal) return "sealed and final";
  if (operation !== null) return "sealed and published; final when the log holds it";
  return `waiting here, nobody has heard of it yet; published by ${clock(publishesAt)} while this daemon runs`;
}

async function bidsOf(session: Session, auction: string): Promise<readonly BidView[]> {
  return (await session.client.ask("bids", { params: { id: auction } }, WHAT)).items;
}

/** True once the log holds the commitment of the receipt; null while it may still come. */
async function commitFound(session: Session, receipt: Receipt, event: ApiEvent | null): Promise<true | null> {
  tellIfLate(session, event, receipt.operation);
  if (event?.type === "operation.refused" && event.operation === receipt.operation)
    throw new CliFailure(
      EXIT.conflict,
      event.code,
      WHAT,
      `the log refused it: ${event.code.toLowerCase().replaceAll("_", " ")}`,
      "see `mabeam auction show <id>` and `mabeam wallet balance`",
    );
  const { auction, commitment } = receipt;
  if (auction === null) return true;
  if ((await bidsOf(session, auction)).some((one) => one.commitment === commitment)) return true;
  const { phase, commitClosesAt } = await getAuction(session, auction);
  if (phase !== "reveal" && !isOver(phase)) return null;
  const why = `bidding closed at ${commitClosesAt}, before the bid was in the log`;
  throw new CliFailure(EXIT.conflict, "COMMIT_AFTER_CLOSE", WHAT, why, "bid earlier, or with --now");
}

interface ListOptions {
  readonly mine?: true;
}

export async function list(session: Session, options: ListOptions, id?: string): Promise<void> {
  if (options.mine === true) return listMine(session, id ?? null);
  if (id === undefined)
    throw new CliFailure(
      EXIT.usage,
      "USAGE",
      "could not list bids",
      "neither an auction nor --mine is given",
      "name an auction, or ask for one's own with `mabeam bid list --mine`",
    );
  const what = `could not list the bids of ${id}`;
  const bids = await session.client.ask("bids", { params: { id } }, what);
  session.show(bids, () => showBids(session, bids.items));
}

async function listMine(session: Session, auction: string | null): Promise<void> {
  const own = await session.client.ask("ownBids", { query: { limit: 200 } }, "could not list own bids");
  const items = own.items.filter((one) => auction === null || one.auction.startsWith(auction));
  session.show({ ...own, items }, () => {
    table(
      session.terminal,
      ["AUCTION", "WHAT", "STATE", "AMOUNT", "LOCKUP"],
      items.map((one) => [
        short(one.auction),
        one.capability,
        one.publishesAt === null ? one.state : `waiting, published by ${clock(one.publishesAt)}`,
        one.amount === null ? "unknown" : bidOf({ ...one, amount: one.amount }),
        creditsOf(one.lockup),
      ]),
      "No bids yet.",
    );
    if (own.nextCursor !== null) session.terminal.err("Older bids: GET /v1/bids with a cursor");
  });
}
