// `mabeam auction …` and `mabeam bid …`.
import { type Command, Option } from "commander";
import { EXIT } from "../commands.js";
import { CliFailure } from "../failure.js";
import { jsonOption, type Run, speaksToDaemon, worksAlone } from "../leaf.js";
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

const feeOption = () =>
  new Option("--fee <credits>", "what the log is paid for it (default: what is asked now)").argParser(
    credits,
  );
const agentOption = () =>
  new Option("--agent <id>", "the agent that acts (default: the daemon's)").argParser(wholeId);

const BIDDING_RULE =
  "A second bid in the same auction replaces the first while bids are taken. No bid can be withdrawn: it is revealed\n" +
  "by the daemon, or its lockup burns.";

/** People look for it, and are to learn that it cannot be. */
function withdrawal(bid: Command): void {
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

export function marketGroup(program: Command, run: Run): void {
  const auction = program.command("auction").description("open, list, follow and verify auctions");
  createCommand(auction, run);
  readCommands(auction, run);
  const bid = program
    .command("bid")
    .description("place sealed bids, list them")
    .addHelpText("after", `\n${BIDDING_RULE}`);
  withdrawal(bid);
  speaksToDaemon(
    bid
      .command("place")
      .description("place a sealed bid; the daemon keeps the opening and reveals it in time")
      .argument("<auction>", "id, or a unique beginning of it", idPrefix)
      .argument("<amount>", "credits", credits)
      .option("--lockup <credits>", "one of the auction's (default: the least that covers the bid)", credits)
      .addOption(agentOption())
      .addOption(feeOption())
      .addOption(
        new Option("--delay <duration>", "publish after this long").argParser(duration).conflicts("now"),
      )
      .option("--now", "publish at once (default: at a random moment, so that the moment tells nothing)")
      .option("--wait", "until the bid is final in the log")
      .addHelpText("after", `\n${BIDDING_RULE}\n${AMOUNT_RULE}`),
    run,
    async () => (await import("../commands/bid.js")).place,
  );
  speaksToDaemon(
    bid
      .command("list")
      .description("the bids of an auction, or one's own; amounts of others show once they are revealed")
      .argument("[auction]", "id, or a unique beginning of it", idPrefix)
      .option("--mine", "the bids of this daemon's agents, with their amounts"),
    run,
    async () => (await import("../commands/bid.js")).list,
  );
  worksAlone(
    program
      .command("verify")
      .description("recompute an auction from its transcript, offline")
      .argument("<transcript>", "a file that `auction verify --save` wrote")
      .requiredOption("--chain <hash>", "the network that it must be of", wholeId)
      .option("--auction <id>", "the auction that it must be of: an id, or a beginning of it", idPrefix)
      .addOption(jsonOption()),
    run,
    async () => (await import("../commands/verify.js")).verifyFile,
  );
}

function createCommand(auction: Command, run: Run): void {
  speaksToDaemon(
    auction
      .command("create")
      .description("sell units of a capability by a sealed second-price (Vickrey) auction")
      .argument("<capability>", "what is sold, such as gpu.a100")
      .option("--units <n>", "how many of it", wholeNumber(1, Number.MAX_SAFE_INTEGER), 1)
      .addOption(
        new Option("--lockup <credits...>", "what a bidder locks; no bid is above it. Up to 8, ascending")
          .argParser(creditList)
          .makeOptionMandatory(),
      )
      .option("--reserve <credits>", "the least price", credits, "0")
      .option("--hidden-reserve <credits>", "a higher least price, sealed until the reveal", credits)
      .option("--seller-bond <credits>", "burned if a hidden reserve is not opened", credits)
      .option("--start-in <duration>", "when bidding opens (default: at once)", duration, 0)
      .option(
        "--commit <duration>",
        "how long bids are taken (default: 60s, or the network's if longer)",
        duration,
      )
      .option(
        "--reveal <duration>",
        "how long bids are revealed (default: 30s, or the network's if longer)",
        duration,
      )
      .option("--from <time>", "when what is sold can first be used", moment)
      .option("--to <time>", "when it lapses", moment)
      .addOption(agentOption())
      .addOption(feeOption())
      .option("--wait", "until the auction is final in the log")
      .addHelpText("after", `\n${AMOUNT_RULE}`),
    run,
    async () => (await import("../commands/auction-create.js")).create,
  );
}

function readCommands(auction: Command, run: Run): void {
  const phases = ["scheduled", "open", "reveal", "done", "unsold", "void", "cancelled"];
  speaksToDaemon(
    auction
      .command("list")
      .description("the newest auctions")
      .addOption(new Option("--phase <phase>", "only those in this phase").choices(phases))
      .option("--seller <id>", "only those of this agent", wholeId)
      .option("--limit <n>", "how many", wholeNumber(1, 200), 20)
      .option("--cursor <cursor>", "the page that follows another"),
    run,
    async () => (await import("../commands/auction.js")).list,
  );
  const one = (name: string, description: string) =>
    auction
      .command(name)
      .description(description)
      .argument("<auction>", "id, or a unique beginning of it", idPrefix);
  speaksToDaemon(
    one("show", "one auction with its bids and outcome"),
    run,
    async () => (await import("../commands/auction.js")).show,
  );
  speaksToDaemon(
    one("watch", "follow one auction until it is over"),
    run,
    async () => (await import("../commands/auction-watch.js")).watch,
  );
  speaksToDaemon(
    one("cancel", "withdraw an auction that has no bids yet")
      .addOption(agentOption())
      .addOption(feeOption())
      .option("-y, --yes", "do not ask"),
    run,
    async () => (await import("../commands/auction.js")).cancel,
  );
  speaksToDaemon(
    one("verify", "recompute winner and price here, from signed bytes, certificates and proofs")
      .option("--chain <hash>", "the network it must be of (default: the daemon's)", wholeId)
      .option("--save <file>", "keep the transcript in a new file, for `verify` on any machine", path),
    run,
    async () => (await import("../commands/verify.js")).verifyAuction,
  );
}
