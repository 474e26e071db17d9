// `slash quote`: what failing would cost the performer of a trade now.
import type { QuoteView } from "../../contract/index.js";
import type { Session } from "../session.js";
import { creditsOf, labelled, short, table } from "../show.js";
import { getTrade } from "./trade-named.js";

const WORDS: Readonly<Record<QuoteView["condition"], string>> = {
  failure: "give it up",
  timeout: "say nothing",
  misdelivery: "be proven wrong",
};

export async function quote(session: Session, _options: object, id: string): Promise<void> {
  const trade = await getTrade(session, id);
  const what = `could not reckon what failing ${short(trade.id)} costs`;
  const found = await session.client.ask("penaltyQuotes", { params: { id: trade.id } }, what);
  session.show(found, () => {
    labelled(session.terminal, [
      ["Trade", found.trade],
      ["Performer", found.performer],
      ["Price", `${creditsOf(found.price)} credits, which it does not receive then`],
      ["Lien", `${creditsOf(found.lien)} credits`],
      ["Before", `${found.violations} violations within 30 periods, ${found.slashes} of them slashed`],
    ]);
    session.terminal.out("");
    table(
      session.terminal,
      ["TO", "COSTS", "AS"],
      found.quotes.map((one) => [WORDS[one.condition], creditsOf(one.due), one.says]),
      "",
    );
  });
}
