// `gateway agents …`: who has a name, what each is entitled to and may spend, and keys.
import type { GatewayNamedAgent } from "../../contract/index.js";
import { usageFailure } from "../failure.js";
import type { Session } from "../session.js";
import { creditsOf, fromNow, short, table } from "../show.js";

export async function list(session: Session): Promise<void> {
  const page = await session.client.ask("gatewayAgents", {}, "could not see the agents");
  session.show(page, () =>
    table(
      session.terminal,
      [
        "NAME",
        "KEY",
        "WEIGHT",
        "BAND",
        "PARENT",
        "DAY",
        "WEEK",
        "MONTH",
        "TOTAL",
        "SESSION",
        "UNTIL",
        "LEDGER",
      ],
      page.items.map(rowOf),
      "No agent has a name.",
    ),
  );
}

function rowOf(one: GatewayNamedAgent): readonly string[] {
  const { limits, ledgerAgent, inLedger } = one;
  const used = (window: GatewayNamedAgent["spending"][number]["window"]): string => {
    const bound = one.spending.find((each) => each.window === window);
    return bound === undefined ? "–" : `${creditsOf(bound.used)} of ${creditsOf(bound.most)}`;
  };
  return [
    one.name,
    one.keyBegins === null ? "any" : `${one.keyBegins}…`,
    String(one.weight),
    one.band,
    one.parent ?? "–",
    ...(["day", "week", "month", "total"] as const).map(used),
    limits.perSession === null ? "–" : creditsOf(limits.perSession),
    limits.until === null ? "–" : untilWords(limits.until),
    ledgerAgent === null || inLedger === "none" ? "–" : `${short(ledgerAgent)} ${inLedger}`,
  ];
}

const untilWords = (until: string): string => (Date.parse(until) <= Date.now() ? "over" : fromNow(until));

interface FigureOptions {
  readonly weight?: number;
  readonly band?: GatewayNamedAgent["band"];
  readonly parent?: string;
  readonly perDay?: string;
  readonly perWeek?: string;
  readonly perMonth?: string;
  readonly perSession?: string;
  readonly total?: string;
  readonly until?: string;
}

/** `none` lifts a limit, or takes an agent from below its parent. */
function changeOf({ weight, band, ...others }: FigureOptions) {
  const { parent, perDay, perWeek, perMonth, perSession, total, until } = others;
  const given = { parent, perDay, perWeek, perMonth, perSession, total, until };
  const named = Object.entries(given).filter(([, value]) => value !== undefined);
  return {
    ...(weight === undefined ? {} : { weight }),
    ...(band === undefined ? {} : { band }),
    ...Object.fromEntries(named.map(([key, value]) => [key, value === "none" ? null : value])),
  };
}

export async function add(session: Session, options: FigureOptions, name: string): Promise<void> {
  const body = { name, ...changeOf(options) };
  const added = await session.client.ask("addGatewayAgent", { body }, `could not name the agent ${name}`);
  session.show(added, () =>
    showKey(session, added, `${name} is an agent now. Its key, which is shown once:`),
  );
}

export async function set(session: Session, options: FigureOptions, name: string): Promise<void> {
  const what = `could not change the agent ${name}`;
  const body = changeOf(options);
  if (Object.keys(body).length === 0)
    throw usageFailure(what, "nothing is to be changed", "say what, such as --weight 2 or --per-day 5");
  const agent = await session.client.ask("setGatewayAgent", { params: { name }, body }, what);
  session.show(agent, () => {
    session.terminal.out(`${name} is changed: it holds from its next request on`);
    warn(session, agent.warnings);
  });
}

export async function remove(session: Session, _options: unknown, name: string): Promise<void> {
  const agent = await session.client.ask(
    "removeGatewayAgent",
    { params: { name } },
    `could not remove the agent ${name}`,
  );
  session.show(agent, () => {
    session.terminal.out(`${name} is removed: its key is nobody's from now on`);
    warn(session, agent.warnings);
  });
}

export async function key(session: Session, _options: unknown, name: string): Promise<void> {
  const what = `could not give ${name} a new key`;
  const renewed = await session.client.ask("renewGatewayAgentKey", { params: { name }, body: {} }, what);
  session.show(renewed, () =>
    showKey(session, renewed, `${name} has a new key, which is shown once; the one before is nobody's now:`),
  );
}

function showKey(
  session: Session,
  { key: text, warnings }: { key: string; warnings: readonly string[] },
  words: string,
): void {
  session.terminal.out(words);
  session.terminal.out(text);
  warn(session, warnings);
}

function warn(session: Session, warnings: readonly string[]): void {
  for (const warning of warnings) session.terminal.err(`warning: ${warning}`);
}
