// `lease list`, `lease used`, `lease hold`, `lease usage`.
import type { KeptUsageView, LeaseView } from "../../contract/index.js";
import { EXIT } from "../commands.js";
import { CliFailure } from "../failure.js";
import type { Session } from "../session.js";
import { clock, short, table } from "../show.js";
import { moreOf, sinceOf } from "./history-page.js";

interface PageOptions {
  readonly agent?: string;
  readonly capability?: string;
  readonly limit: number;
  readonly cursor?: string;
}

interface ListOptions extends PageOptions {
  readonly auction?: string;
}

export async function list(session: Session, { auction, agent, capability, limit, cursor }: ListOptions) {
  const query = { auction, agent, capability, limit, cursor };
  const page = await session.client.ask("leases", { query }, "could not list leases");
  session.show(page, () => {
    table(
      session.terminal,
      ["WINDOW", "FROM", "TO", "WHAT", "PARTS", "OWNER", "HOLDER", "UNTIL", "FENCE", "USED"],
      page.items.map((one) => [
        short(one.auction),
        clock(one.from),
        clock(one.to),
        one.capability,
        String(one.units),
        one.owner === one.seller ? `${short(one.owner)} (seller)` : short(one.owner),
        short(one.holder),
        clock(one.until),
        String(one.holders.find(({ agent: held }) => held === one.holder)?.fence),
        usedOf(one),
      ]),
      "No window that is leased is in the ledger.",
    );
    if (page.nextCursor !== null) session.terminal.err(`More: --cursor ${page.nextCursor}`);
  });
}

/** What its holders have said so far, of what was won. */
function usedOf({ holders, units, from, to }: LeaseView): string {
  const said = holders.flatMap(({ usage }) => usage ?? []);
  const won = units * (Date.parse(to) - Date.parse(from));
  const sum = said.reduce((total, { used, lent }) => total + used + lent, 0);
  return said.length === 0 ? "–" : percent(sum, won);
}

const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;

export async function used(session: Session, { agent, capability, limit, cursor }: PageOptions) {
  const query = { agent, capability, limit, cursor };
  const page = await session.client.ask("usages", { query }, "could not list what was used");
  session.show(page, () => {
    table(
      session.terminal,
      ["WINDOW", "FROM", "TO", "WHAT", "PARTS", "OWNER", "SAID BY", "FENCE", "USED", "LENT"],
      page.items.map((one) => [
        short(one.auction),
        clock(one.from),
        clock(one.to),
        one.capability,
        String(one.units),
        short(one.owner),
        short(one.by),
        String(one.fence),
        shareOf(one, one.used),
        shareOf(one, one.lent),
      ]),
      `Nobody has said what was used of a lease${sinceOf(page)}.`,
    );
    moreOf(session, page);
  });
}

const shareOf = ({ won }: KeptUsageView, amount: number): string => percent(amount, won);

interface AboutLease {
  readonly owner?: string;
  readonly agent?: string;
  readonly fee?: string;
}

const aboutLease = ({ owner, agent, fee }: AboutLease, auction: string) => ({
  auction,
  ...(owner === undefined ? {} : { owner }),
  ...(agent === undefined ? {} : { agent }),
  ...(fee === undefined ? {} : { fee }),
});

interface HoldOptions extends AboutLease {
  readonly for?: number;
  readonly until?: string;
  readonly deputy?: readonly string[];
}

export async function hold(session: Session, options: HoldOptions, auction: string): Promise<void> {
  const what = `could not hold a lease of the window ${short(auction)}`;
  const until = await untilOf(session, options, auction, what);
  const deputies = options.deputy === undefined ? {} : { deputies: [...options.deputy] };
  const body = { ...aboutLease(options, auction), until, ...deputies };
  const receipt = await session.client.ask("holdLease", { body }, what);
  session.show(receipt, () =>
    session.terminal.out(
      `On the way: ${short(receipt.agent)} holds it until ${until}; \`lease list\` shows it when the log does`,
    ),
  );
}

/** As it was asked for, or the end of the window. @throws CliFailure NOT_FOUND */
async function untilOf(
  { client }: Session,
  { for: forMs, until }: HoldOptions,
  auction: string,
  what: string,
): Promise<string> {
  if (until !== undefined) return until;
  if (forMs !== undefined) return new Date(Date.now() + forMs).toISOString();
  const { items } = await client.ask("leases", { query: { auction, limit: 1 } }, what);
  if (items[0] !== undefined) return items[0].to;
  throw new CliFailure(
    EXIT.notFound,
    "LEASE_UNKNOWN",
    what,
    "no window of this id that is leased is in the ledger",
    "see those that are with `mabeam lease list`",
  );
}

interface UsageOptions extends AboutLease {
  readonly used: number;
  readonly lent: number;
}

export async function usage(session: Session, options: UsageOptions, auction: string): Promise<void> {
  const { used: own, lent } = options;
  const what = `could not say what was used of the window ${short(auction)}`;
  const body = { ...aboutLease(options, auction), used: own, lent };
  const receipt = await session.client.ask("sayUsage", { body }, what);
  session.show(receipt, () =>
    session.terminal.out(
      `On the way: ${short(receipt.agent)} says that it used ${own} and lent ${lent}; \`lease used\` shows it when the log does`,
    ),
  );
}
