// `outcome`: what the market's own rules make of bids in a file, without a network.
import { z } from "zod";
import { type Bytes, fromHex, toHex, utf8 } from "../../../src/base/index.js";
import { taggedHash } from "../../../src/crypto/hash.js";
import { BASIS_POINTS, PRIOR_STANDING } from "../../../src/ledger/limits.js";
import { worthOf } from "../../../src/market/auction/formats/format.js";
import { unitsFault } from "../../../src/market/auction/sealed/sealed.js";
import { type Settlement, settlementOf } from "../../../src/market/auction/settlement.js";
import { type AuctionTerms, PAID_AT_ONCE } from "../../../src/market/auction/terms.js";
import { messageOf } from "../../accident.js";
import { direction, FORMAT_NAMES, formatName, goesByUnits, standingWeight } from "../../contract/auction.js";
import { amount, hex32 } from "../../contract/scalar.js";
import { readText } from "../../text-file.js";
import { EXIT } from "../commands.js";
import { CliFailure } from "../failure.js";
import { creditsOf, labelled, table } from "../show.js";
import type { Terminal } from "../terminal.js";

const bidGiven = z.strictObject({
  id: z.string().min(1).max(64),
  /** a name, or an agent's key in hexadecimal */
  bidder: z.string().min(1).max(64),
  amount,
  /** of a lot in units: how many */
  units: z.int().min(1).optional(),
  /** what burns if it is not opened; absent: the amount of a sale's bid, nothing of a purchase's */
  bond: amount.optional(),
  opened: z.boolean().default(true),
  salt: hex32.optional(),
  /** in bp; where it is weighed, and nobody says another, what all have as yet */
  standing: z.int().min(0).max(BASIS_POINTS).optional(),
});
const caseGiven = z
  .strictObject({
    format: formatName.default(FORMAT_NAMES[0]),
    direction: direction.default("sell"),
    units: z.int().min(1).default(1),
    reserve: amount.optional(),
    ceiling: amount.optional(),
    standingWeight: standingWeight.optional(),
    /** the auction's id, which breaks ties with the salts */
    auction: hex32.optional(),
    bids: z.array(bidGiven).max(4095),
  })
  .refine((one) => one.direction === "sell" || one.reserve === undefined, "a purchase has a ceiling")
  .refine((one) => one.direction === "buy" || one.ceiling === undefined, "a sale has a reserve")
  .refine((one) => one.direction === "sell" || one.ceiling !== undefined, "a purchase needs a ceiling")
  .refine(
    (one) => one.standingWeight === undefined || (one.direction === "buy" && !goesByUnits(one.format)),
    "only a purchase of a lot as a whole weighs standing",
  )
  .refine(
    (one) => one.standingWeight !== undefined || one.bids.every(({ standing }) => standing === undefined),
    "bids have a standing, and no standingWeight says what it counts for",
  );
type Case = z.output<typeof caseGiven>;
type Bid = Case["bids"][number];

interface Rejected {
  readonly id: string;
  readonly reason: "REPLACED" | "UNITS_OUT_OF_RANGE" | "BID_ABOVE_LOCKUP" | "BEYOND_RESERVE";
}

const WHAT = "could not work the outcome out";
const WAYS = 64;
const LOT = { capability: "case", fromMs: null, toMs: null };

/** @throws CliFailure: a file that cannot be read or is no case, or a tie that cannot be broken */
export async function outcome(
  terminal: Terminal,
  flags: { readonly json?: true },
  file: string,
): Promise<void> {
  const given = readCase(file);
  const live = new Map(given.bids.map((bid) => [bid.bidder, bid]));
  const bids = given.bids.filter((bid) => live.get(bid.bidder) === bid);
  const settled = unbiased(given, bids);
  const names = new Map(bids.map((bid, i) => [toHex(keyOf(bid, i)), bid.bidder]));
  const nameOf = (key: Bytes): string => names.get(toHex(key))!;
  const document = {
    apiVersion: "v1",
    kind: "Outcome",
    status: settled.outcome === "done" ? "sold" : settled.outcome,
    clearingPrice: settled.clearingPrice === null ? null : String(settled.clearingPrice),
    awards: settled.awards.map(({ bidder, units, pays, receives }) => ({
      bidder: nameOf(bidder),
      units,
      pays: String(pays),
      receives: String(receives),
    })),
    forfeits: settled.shares
      .filter(({ burned }) => burned > 0n)
      .map(({ bidder, burned }) => ({ bidder: nameOf(bidder), amount: String(burned) })),
    rejected: given.bids.flatMap((bid) => rejectedOf(given, bid, live.get(bid.bidder) === bid)),
  };
  if (flags.json === true) terminal.out(JSON.stringify(document));
  else tell(terminal, document);
}

/** Whoever ties has to show salts, where the order of the tied decides: no way to break a tie is to be preferred. */
function unbiased(given: Case, bids: readonly Bid[]): Settlement {
  const isWhole = given.auction !== undefined && bids.every(isWholeBid);
  if (isWhole) return settle(given, bids, (bid) => fromHex(bid.salt!)!);
  const ways = Array.from({ length: WAYS }, (_, way) =>
    settle(given, bids, (_bid, i) => taggedHash("tie", utf8(`${way}/${i}`))),
  );
  const [first] = ways.map(textOf);
  if (ways.every((one) => textOf(one) === first)) return ways[0]!;
  throw new CliFailure(
    EXIT.usage,
    "TIE_NEEDS_SALTS",
    WHAT,
    "bids that rank alike decide it, and what breaks the tie is missing",
    "give the auction's id, and of every bid the bidder's key and the salt, each in hexadecimal",
  );
}

const isWholeBid = ({ bidder, salt, opened }: Bid): boolean =>
  !opened || (salt !== undefined && /^[0-9a-f]{64}$/.test(bidder));

const textOf = ({ awards }: Settlement): string =>
  awards
    .map(({ bidder, units, pays, receives }) => `${toHex(bidder)} ${units} ${pays} ${receives}`)
    .sort()
    .join();

/** An agent's key as it is; of a name one that only this file means. */
const keyOf = ({ bidder }: Bid, i: number): Bytes =>
  /^[0-9a-f]{64}$/.test(bidder) ? fromHex(bidder)! : taggedHash("auction", utf8(`${i}`));

function settle(given: Case, bids: readonly Bid[], saltOf: (bid: Bid, i: number) => Bytes): Settlement {
  const terms: AuctionTerms = {
    format: { kind: given.format },
    direction: given.direction,
    lot: { ...LOT, units: given.units },
    reserve: reserveOf(given),
    lockups: [1n],
    openMs: 0,
    commitMs: 1,
    revealMs: 1,
    bond: 0n,
    reserveHash: null,
    standingWeight: given.standingWeight ?? null,
    ...PAID_AT_ONCE,
  };
  const commits = bids.map((bid, i) => ({
    bidder: keyOf(bid, i),
    lockup: lockupOf(given, bid),
    standing: bid.standing ?? PRIOR_STANDING,
    opening: isOpened(given, bid) ? { bid: sealedOf(bid), salt: saltOf(bid, i) } : null,
  }));
  const id = given.auction === undefined ? new Uint8Array(32) : fromHex(given.auction)!;
  return settlementOf({ id, terms, openedReserve: null }, commits, 0, 0n, { lienBp: 0 });
}

const reserveOf = ({ reserve, ceiling }: Case): bigint => BigInt(reserve ?? ceiling ?? "0");
const sealedOf = (bid: Bid) => ({ amount: BigInt(bid.amount), units: bid.units ?? null });
const lockupOf = ({ direction: way }: Case, bid: Bid): bigint =>
  bid.bond === undefined ? (way === "sell" ? worthOf(sealedOf(bid)) : 0n) : BigInt(bid.bond);
const isAboveLockup = (given: Case, bid: Bid): boolean =>
  given.direction === "sell" && worthOf(sealedOf(bid)) > lockupOf(given, bid);
const isUnfit = ({ format, units }: Case, bid: Bid): boolean =>
  unitsFault({ format: { kind: format }, lot: { ...LOT, units } }, sealedOf(bid)) !== null;
/** No reveal above its lockup is taken, so that it stays sealed. */
const isOpened = (given: Case, bid: Bid): boolean =>
  bid.opened && !isUnfit(given, bid) && !isAboveLockup(given, bid);

function rejectedOf(given: Case, bid: Bid, isLive: boolean): Rejected[] {
  const { id } = bid;
  if (!isLive) return [{ id, reason: "REPLACED" }];
  if (!bid.opened) return [];
  if (isUnfit(given, bid)) return [{ id, reason: "UNITS_OUT_OF_RANGE" }];
  if (isAboveLockup(given, bid)) return [{ id, reason: "BID_ABOVE_LOCKUP" }];
  const reserve = reserveOf(given);
  const isBeyond = given.direction === "sell" ? BigInt(bid.amount) < reserve : BigInt(bid.amount) > reserve;
  return isBeyond ? [{ id, reason: "BEYOND_RESERVE" }] : [];
}

interface Told {
  readonly status: string;
  readonly clearingPrice: string | null;
  readonly awards: readonly {
    readonly bidder: string;
    readonly units: number;
    readonly pays: string;
    readonly receives: string;
  }[];
  readonly forfeits: readonly { readonly bidder: string; readonly amount: string }[];
  readonly rejected: readonly Rejected[];
}

function tell(terminal: Terminal, { status, clearingPrice, awards, forfeits, rejected }: Told): void {
  labelled(terminal, [
    ["Outcome", status],
    ["Price", clearingPrice === null ? null : `${creditsOf(clearingPrice)} credits`],
    ...forfeits.map((one) => ["Burned", `${creditsOf(one.amount)} credits of ${one.bidder}`] as const),
    ...rejected.map((one) => ["Rejected", `${one.id}: ${one.reason}`] as const),
  ]);
  if (awards.length === 0) return;
  terminal.out("");
  table(
    terminal,
    ["BIDDER", "UNITS", "PAYS", "RECEIVES"],
    awards.map((one) => [one.bidder, String(one.units), creditsOf(one.pays), creditsOf(one.receives)]),
    "Nobody won.",
  );
}

function readCase(file: string): Case {
  let text: string;
  try {
    text = readText(file);
  } catch (error) {
    throw new CliFailure(EXIT.notFound, "FILE_UNREADABLE", WHAT, messageOf(error), "name a case's file");
  }
  const flawed = (why: string) =>
    new CliFailure(
      EXIT.usage,
      "CASE_MALFORMED",
      WHAT,
      why,
      "see `mabeam outcome --help` for what a case holds",
    );
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw flawed(messageOf(error));
  }
  const parsed = caseGiven.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw flawed(`${issue.path.length === 0 ? "the case" : issue.path.join(".")}: ${issue.message}`);
}
