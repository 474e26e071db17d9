// `bid place`, `bid list`.
import {
  type ApiEvent,
  bidListDocument,
  isOver,
  type Receipt,
  receiptDocument,
} from "../../api/shape/index.js";
import { EXIT } from "../commands.js";
import { CliFailure } from "../failure.js";
import { tellIfLate } from "../late.js";
import type { Session } from "../session.js";
import { clock, short } from "../show.js";
import { getAuction, showBids } from "./auction.js";

interface PlaceOptions {
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
  const before = options.wait === true ? await commitments(session, auction.id) : null;
  const delayMs = options.now === true ? 0 : options.delay;
  const body = {
    auction: auction.id,
    amount,
    lockup: options.lockup ?? null,
    ...(delayMs === undefined ? {} : { delayMs }),
    ...(options.agent === undefined ? {} : { agent: options.agent }),
    ...(options.fee === undefined ? {} : { fee: options.fee }),
  };
  const receipt = await session.client.post("/v1/bids", body, receiptDocument, WHAT);
  if (!session.json) for (const warning of receipt.warnings) session.terminal.err(`Note: ${warning}`);
  if (before !== null) {
    session.progress(`Waiting for the log; the bid is published by ${clock(receipt.publishesAt)} …`);
    await session.waitFor(
      "bid.*,auction.*,operation.*",
      (event) => commitFound(session, receipt, before, event),
      WHAT,
    );
  }
  session.show(receipt, () => {
    const published =
      receipt.operation === null
        ? `sealed here, not sent yet; it is published at ${clock(receipt.publishesAt)}`
        : "sealed and on its way";
    const said = before === null ? published : "sealed and final";
    const replaces = receipt.replaces === null ? "" : `; it replaces the bid ${short(receipt.replaces)}`;
    session.terminal.out(`Bid on ${short(auction.id)} by ${short(receipt.agent)}: ${said}${replaces}`);
    session.progress(`Follow it: ${session.terminal.self} auction watch ${short(auction.id)}`);
  });
}

/** The commitments of an auction by bidder. */
async function commitments(session: Session, auction: string): Promise<ReadonlyMap<string, string>> {
  const bids = await session.client.get(`/v1/auctions/${auction}/bids`, bidListDocument, WHAT);
  return new Map(bids.items.map((one) => [one.bidder, one.commitment]));
}

/** True once the log holds a commitment that it did not hold before; null while it may still come. */
async function commitFound(
  session: Session,
  receipt: Receipt,
  before: ReadonlyMap<string, string>,
  event: ApiEvent | null,
): Promise<true | null> {
  tellIfLate(session, event, receipt.operation);
  if (event?.type === "operation.refused" && event.operation === receipt.operation)
    throw new CliFailure(
      EXIT.conflict,
      event.code,
      WHAT,
      `the log refused it: ${event.code.toLowerCase().replaceAll("_", " ")}`,
      "see `mabeam auction show <id>` and `mabeam wallet balance`",
    );
  const { auction, agent } = receipt;
  if (auction === null || agent === null) return true;
  const now = (await commitments(session, auction)).get(agent);
  if (now !== undefined && now !== before.get(agent)) return true;
  const { phase } = await getAuction(session, auction);
  if (phase !== "reveal" && !isOver(phase)) return null;
  const why = "bidding closed before the bid was in the log";
  throw new CliFailure(EXIT.conflict, "COMMIT_AFTER_CLOSE", WHAT, why, "bid earlier, or with --now");
}

export async function list(session: Session, _options: object, id: string): Promise<void> {
  const what = `could not list the bids of ${id}`;
  const bids = await session.client.get(`/v1/auctions/${id}/bids`, bidListDocument, what);
  session.show(bids, () => showBids(session, bids.items));
}
