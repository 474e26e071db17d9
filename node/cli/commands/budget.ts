// `budget show`, `budget open`, `budget agree`, `budget close`.
import { z } from "zod";
import { type BudgetView, consentDocument } from "../../contract/index.js";
import { readText } from "../../text-file.js";
import { usageFailure } from "../failure.js";
import type { Session } from "../session.js";
import { creditsOf, fromNow, short, table } from "../show.js";

const DAY_MS = 24 * 60 * 60 * 1000;

interface ShowOptions {
  readonly limit: number;
  readonly cursor?: string;
}

export async function show(session: Session, options: ShowOptions, agent?: string): Promise<void> {
  const { limit, cursor } = options;
  const what = "could not see the budgets";
  const page = await session.client.ask("budgets", { query: { limit, cursor, agent } }, what);
  session.show(page, () => {
    table(
      session.terminal,
      ["CHILD", "OWNER", "PAYS", "STANDING", "PER AUCTION", "PER PERIOD", "IN ALL", "LOCKED", "UNTIL"],
      page.items.map(rowOf),
      "No budget: the agent spends its own credits alone.",
    );
    if (page.nextCursor !== null) session.terminal.err(`More: --cursor ${page.nextCursor}`);
  });
}

const usedOf = (limit: BudgetView["perPeriod"]): string =>
  `${creditsOf(limit.used)} of ${creditsOf(limit.most)}`;

const rowOf = (one: BudgetView): readonly string[] => [
  short(one.child),
  short(one.owner),
  short(one.payer),
  one.standing,
  creditsOf(one.perAuction),
  usedOf(one.perPeriod),
  one.total === null ? creditsOf(one.spent) : usedOf(one.total),
  creditsOf(one.held),
  fromNow(one.until),
];

interface LimitOptions {
  readonly agent?: string;
  readonly perAuction?: string;
  readonly perPeriod?: string;
  readonly total?: string | undefined;
  readonly until?: string;
}

function termsOf(what: string, { perAuction, perPeriod, total, until }: LimitOptions) {
  if (perAuction === undefined || perPeriod === undefined) {
    throw usageFailure(what, "it has no limit", "say --per-auction and --per-period");
  }
  return {
    perAuction,
    perPeriod,
    ...(total === undefined ? {} : { total }),
    until: until ?? new Date(Date.now() + DAY_MS).toISOString(),
  };
}

interface OpenOptions extends LimitOptions {
  readonly consent?: string;
  readonly fee?: string;
}

/** A consent as `budget agree --json` printed it: for these very limits, so its own are taken. */
function agreedIn(what: string, file: string): z.output<typeof consentDocument> {
  try {
    return consentDocument.parse(JSON.parse(readText(file)));
  } catch (error) {
    const why =
      error instanceof z.ZodError || error instanceof SyntaxError ? "it holds no consent" : String(error);
    throw usageFailure(what, why, "give the file that `mabeam budget agree <owner> --json` made");
  }
}

export async function open(session: Session, options: OpenOptions, child: string): Promise<void> {
  const what = `could not give ${short(child)} a budget`;
  const { consent, agent, fee } = options;
  const sent = consent === undefined ? null : agreedIn(what, consent);
  if (sent !== null && sent.child !== child) {
    throw usageFailure(
      what,
      `${consent} is the consent of ${sent.child}`,
      "name that agent, or give its own consent",
    );
  }
  const limits = termsOf(what, sent ?? options);
  const body = {
    child,
    ...limits,
    ...(sent === null ? {} : { consent: sent.consent }),
    ...(agent === undefined ? {} : { agent }),
    ...(fee === undefined ? {} : { fee }),
  };
  const receipt = await session.client.ask("openBudget", { body }, what);
  session.show(receipt, () =>
    session.terminal.out(
      `On the way: ${short(child)} may spend ${creditsOf(limits.perAuction)} credits of ${short(receipt.agent)} in an auction and ` +
        `${creditsOf(limits.perPeriod)} in a period, until ${limits.until}; \`budget show\` shows it when the log holds it`,
    ),
  );
}

export async function agree(session: Session, options: LimitOptions, owner: string): Promise<void> {
  const what = "could not agree to the budget";
  const { agent } = options;
  const body = { owner, ...termsOf(what, options), ...(agent === undefined ? {} : { agent }) };
  const agreed = await session.client.ask("agreeToBudget", { body }, what);
  session.show(agreed, () =>
    session.terminal.out(
      `${short(agreed.child)} agrees: ${short(owner)} opens the budget with \`budget open ${agreed.child} --consent <file>\`, ` +
        "the file being what --json prints here",
    ),
  );
}

interface CloseOptions {
  readonly agent?: string;
  readonly fee?: string;
}

export async function close(session: Session, options: CloseOptions, child: string): Promise<void> {
  const what = `could not close the budget of ${short(child)}`;
  const { agent, fee } = options;
  const body = {
    child,
    ...(agent === undefined ? {} : { agent }),
    ...(fee === undefined ? {} : { fee }),
  };
  const receipt = await session.client.ask("closeBudget", { body }, what);
  session.show(receipt, () =>
    session.terminal.out(
      `On the way: ${short(child)} spends nothing more by its budget; what is locked ends as it would and returns to the owner`,
    ),
  );
}
