// `mabeam bid …`.
import type { Command } from "commander";
import { EXIT } from "../commands.js";
import { CliFailure } from "../failure.js";
import { arg, flag, type Group } from "../leaf.js";
import { AMOUNT_RULE, credits, duration, idPrefix, wholeNumber } from "../parse.js";
import { actorFlags, auctionArg } from "./shared.js";

const BIDDING_RULE =
  "A second bid in the same auction replaces the first while bids are taken. No bid can be withdrawn: it is revealed\n" +
  "by the daemon, or its lockup burns.";

export const BID: Group = {
  says: "place sealed bids, list them",
  help: BIDDING_RULE,
  rows: [
    {
      words: "place",
      says: "place a sealed bid; the daemon keeps the opening and reveals it in time",
      args: [auctionArg, arg("<amount>", "credits", credits)],
      flags: [
        flag(
          "--units <n>",
          "of a lot that goes in units: for how many; the amount is of one",
          wholeNumber(1, Number.MAX_SAFE_INTEGER),
        ),
        flag("--lockup <credits>", "one of the auction's (default: the least that covers the bid)", credits),
        ...actorFlags,
        flag("--delay <duration>", "publish after this long", duration).conflicts("now"),
        flag("--now", "publish at once (default: at a random moment, so that the moment tells nothing)"),
        flag("--wait", "until the bid is final in the log"),
      ],
      help: `${BIDDING_RULE}\n${AMOUNT_RULE}`,
      asks: async () => (await import("../commands/bid.js")).place,
    },
    {
      words: "list",
      says: "the bids of an auction, or one's own; amounts of others show once they are revealed",
      args: [arg("[auction]", "id, or a unique beginning of it", idPrefix)],
      flags: [flag("--mine", "the bids of this daemon's agents, with their amounts")],
      asks: async () => (await import("../commands/bid.js")).list,
    },
  ],
};

/** People look for it, and are to learn that it cannot be. */
export function addWithdrawal(bid: Command): void {
  bid
    .command("withdraw", { hidden: true })
    .alias("cancel")
    .argument("[auction]")
    .allowUnknownOption()
    .action(() => {
      throw new CliFailure(
        EXIT.conflict,
        "BID_IS_BINDING",
        "could not withdraw the bid",
        "a sealed bid is binding: who could take it back would have looked at who else comes for nothing",
        "bid again while bids are taken: `mabeam bid place <auction> <amount>` replaces the earlier bid",
      );
    });
}
