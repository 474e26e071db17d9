// `mabeam auction …` and `mabeam verify`.
import { FORMAT_NAMES } from "../../contract/auction.js";
import { arg, flag, type Group, jsonOption, type Row } from "../leaf.js";
import {
  AMOUNT_RULE,
  creditList,
  credits,
  duration,
  idPrefix,
  moment,
  path,
  wholeId,
  wholeNumber,
} from "../parse.js";
import { actorFlags, auctionArg, pageFlags } from "./shared.js";

const load = () => import("../commands/auction.js");
const phases = ["scheduled", "open", "reveal", "done", "unsold", "void", "cancelled"];

export const AUCTION: Group = {
  says: "open, list, follow and verify auctions",
  rows: [
    {
      words: "create",
      says: "sell or buy units of a capability by a sealed auction",
      args: [arg("<capability>", "what changes hands, such as gpu.a100")],
      flags: [
        flag("--units <n>", "how many of it", wholeNumber(1, Number.MAX_SAFE_INTEGER), 1),
        flag("--lockup <credits...>", "what a bidder locks; none that pays is above it. Up to 8, ascending")
          .argParser(creditList)
          .makeOptionMandatory(),
        flag("--format <name>", "how winners and prices follow from bids")
          .choices(FORMAT_NAMES)
          .default(FORMAT_NAMES[0]),
        flag("--reserve <credits>", "the least price, by units that of one (default: 0)", credits).conflicts(
          "buy",
        ),
        flag("--buy", "buy: bidders say for how much they sell, and the best ask wins"),
        flag(
          "--ceiling <credits>",
          "of a purchase: the most that is paid, and is locked; by units for each",
          credits,
        ),
        flag(
          "--standing-weight <bp>",
          "of a purchase as a whole: how much dearer an ask counts without any standing, 10000: twice; as yet all have 5000",
          wholeNumber(1, 10_000),
        ),
        flag(
          "--hidden-reserve <credits>",
          "a higher least price, sealed until the reveal",
          credits,
        ).conflicts("buy"),
        flag("--bond <credits>", "burned if a hidden reserve is not opened", credits),
        flag("--start-in <duration>", "when bidding opens (default: at once)", duration, 0),
        flag(
          "--commit <duration>",
          "how long bids are taken (default: 60s, or the network's if longer)",
          duration,
        ),
        flag(
          "--reveal <duration>",
          "how long bids are revealed (default: 30s, or the network's if longer)",
          duration,
        ),
        flag(
          "--deliver <duration>",
          "how long the seller has to deliver it (default: it is paid at once)",
          duration,
        ),
        flag("--settle <duration>", "how long the buyer may look at it (default: the network's)", duration),
        flag(
          "--value <credits>",
          "by units with --deliver: what it is worth at most (default: all at the highest lockup)",
          credits,
        ),
        flag("--from <time>", "when what is sold can first be used", moment),
        flag("--to <time>", "when it lapses", moment),
        ...actorFlags,
        flag("--wait", "until the auction is final in the log"),
      ],
      help: AMOUNT_RULE,
      asks: async () => (await import("../commands/auction-create.js")).create,
    },
    {
      words: "list",
      says: "the newest auctions",
      flags: [
        flag("--phase <phase>", "only those in this phase").choices(phases),
        flag("--creator <id>", "only those of this agent", wholeId),
        ...pageFlags,
      ],
      asks: async () => (await load()).list,
    },
    {
      words: "prices",
      says: "what auctions have found, newest first, also those that the ledger has forgotten",
      args: [arg("[capability]", "only of this, such as gpu.a100")],
      flags: pageFlags,
      asks: async () => (await import("../commands/prices.js")).prices,
    },
    {
      words: "show",
      says: "one auction with its bids and outcome",
      args: [auctionArg],
      asks: async () => (await load()).show,
    },
    {
      words: "watch",
      says: "follow one auction until it is over",
      args: [auctionArg],
      asks: async () => (await import("../commands/auction-watch.js")).watch,
    },
    {
      words: "cancel",
      says: "withdraw an auction that has no bids yet",
      args: [auctionArg],
      flags: [...actorFlags, flag("-y, --yes", "do not ask")],
      asks: async () => (await load()).cancel,
    },
    {
      words: "verify",
      says: "recompute winner and price here, from signed bytes, certificates and proofs",
      args: [auctionArg],
      flags: [
        flag("--chain <hash>", "the network it must be of (default: the daemon's)", wholeId),
        flag("--save <file>", "keep the transcript in a new file, for `verify` on any machine", path),
      ],
      asks: async () => (await import("../commands/verify.js")).verifyAuction,
    },
  ],
};

export const VERIFY: Row = {
  words: "verify",
  says: "recompute an auction from its transcript, offline",
  args: [arg("<transcript>", "a file that `auction verify --save` wrote")],
  flags: [
    flag("--chain <hash>", "the network that it must be of", wholeId).makeOptionMandatory(),
    flag("--auction <id>", "the auction that it must be of: an id, or a beginning of it", idPrefix),
    jsonOption(),
  ],
  alone: async () => (await import("../commands/verify.js")).verifyFile,
};

export const OUTCOME: Row = {
  words: "outcome",
  says: "what the market's rules make of bids in a file, offline",
  args: [arg("<case>", "a file: format, direction, units, reserve or ceiling, standingWeight, bids")],
  flags: [jsonOption()],
  help:
    `A case: {"format": "${FORMAT_NAMES[0]}", "reserve": "1000000", "bids": [{"id": "1", "bidder": "ann", "amount": "3000000"}]}\n` +
    `Formats: ${FORMAT_NAMES.join(", ")}. Amounts are micro-credits. "direction": "buy" goes with a "ceiling". A bid may have\n` +
    'a "bond", "opened": false, a "standing" in bp (default: 5000), and for ties a "salt"; then "auction" and every bidder are ids in hexadecimal.',
  alone: async () => (await import("../commands/outcome.js")).outcome,
};
