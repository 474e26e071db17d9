// `quorum override-amnesia`: the operator's word that a seat may sign again (spec/persistence#A6).
import { agreed } from "../agreed.js";
import { AMNESIA_RISK } from "../amnesia-words.js";
import type { Session } from "../session.js";
import { painter } from "../show.js";
import { othersCanTell } from "./quorum.js";

interface OverrideOptions {
  readonly yes?: true;
  readonly force?: true;
}

const WHAT = "could not end this seat's amnesia";

export async function overrideAmnesia(session: Session, options: OverrideOptions): Promise<void> {
  const { client, terminal } = session;
  const force = options.force === true;
  const { amnesia, seat } = await client.ask("quorum", {}, WHAT);
  // Whatever is going to be refused needs no consent.
  if (amnesia !== null && (force || !othersCanTell(amnesia))) {
    const paint = painter(terminal);
    for (const line of AMNESIA_RISK) terminal.err(paint.yellow(line));
    await agreed(terminal, options, `Let seat ${seat} sign again?`, WHAT);
  }
  const body = { acceptRisk: true, force } as const;
  const receipt = await client.ask("overrideAmnesia", { body }, WHAT);
  session.show(receipt, () => terminal.out(`Seat ${seat} signs again`));
}
