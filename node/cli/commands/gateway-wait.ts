// Why a request waited, in words: who was before it, and what held it back.
import type { GatewayRequest } from "../../contract/index.js";
import { grouped, UNITS, windowWords } from "../../gateway/limit-words.js";
import { shortly } from "./gateway-words.js";

type Wait = NonNullable<GatewayRequest["wait"]>;
type Causes = Wait["held"];
type Limit = Wait["limits"][number];

const INDENT = " ".repeat(8);

/** The first says for how long, the others for what. */
export function waitedLines({ waitedMs, wait, waitsFor }: GatewayRequest): readonly string[] {
  if (waitsFor?.cause === "ledger") return [`Waits   for ${shortly(waitedMs)} now`];
  if (waitedMs === 0) return ["Waited  not at all"];
  if (wait === null) return [`Waited  ${shortly(waitedMs)}`];
  const { held, others, limits, turnMs, ledgerMs } = wait;
  const forTurnMs = turnMs + sumOf(others);
  const reasons = [
    ...(ledgerMs === 0 ? [] : [`${shortly(ledgerMs)} for the ledger to begin`]),
    ...causesOf(held).map(([what, ms]) => `${shortly(ms)} for ${what}${limitWords(what, limits)}`),
    ...(forTurnMs === 0 ? [] : [`${shortly(forTurnMs)} for others' turn${heldWords(others)}`]),
  ];
  return [`Waited  ${shortly(waitedMs)}${askedWords(wait)}`, ...reasons.map((one) => INDENT + one)];
}

/** Of one that waits now: who is before it, for what whoever is next waits, and for how long. */
export function waitingLines({ waitsFor }: GatewayRequest): readonly string[] {
  if (waitsFor === null) return [];
  const { before, cause, isNext, nextMs, aboutMs, until } = waitsFor;
  const last = `Ends    at ${until} if it still waits then: refused, as its client waits no longer`;
  if (before === null)
    return ["Now     it waits for the ledger to begin, which its agent's budget is read from", last];
  const soon = nextMs === null ? "" : `, which is there in ${shortly(nextMs)}`;
  const place = beforeWords(before, "waits", "wait");
  const own = isNext ? "it is next" : `${place} before it, and whoever is next`;
  const provided = isNext ? "" : ", if those before it ask for as much as those before them";
  const about =
    aboutMs === null ? "nobody knows yet when it goes" : `it goes in about ${shortly(aboutMs)}${provided}`;
  return [
    `Now     ${own}${isNext ? ", and" : ""} waits for ${causeWords(cause)}${soon}`,
    INDENT + about,
    last,
  ];
}

function causeWords(cause: NonNullable<GatewayRequest["waitsFor"]>["cause"]): string {
  switch (cause) {
    case "width":
      return WIDTH;
    case "pause":
      return `the end of ${PAUSE}`;
    case "ledger":
      return "the ledger";
    default:
      return `room for ${UNITS[cause]}`;
  }
}

const WIDTH = "an answer to end: as many ran as may at once";
const PAUSE = "the upstream's pause after a refusal";

/** What held a request back, the longest first. */
function causesOf({ limit, width, pause }: Causes): readonly (readonly [what: string, ms: number])[] {
  const ofLimits = Object.entries(limit).map(
    ([dimension, ms]) => [UNITS[dimension as Limit["dimension"]], ms] as const,
  );
  return [...ofLimits, [WIDTH, width] as const, [PAUSE, pause] as const]
    .filter(([, ms]) => ms > 0)
    .sort(([, a], [, b]) => b - a);
}

const sumOf = (causes: Causes): number => causesOf(causes).reduce((sum, [, ms]) => sum + ms, 0);

function heldWords(causes: Causes): string {
  const said = causesOf(causes).map(([what, ms]) => `${shortly(ms)} for ${what}`);
  return said.length === 0 ? "" : `, of which ${said.join(", ")}`;
}

function limitWords(what: string, limits: readonly Limit[]): string {
  return limits
    .filter(({ dimension }) => UNITS[dimension] === what)
    .map(({ limit, windowMs, taken, share }) => {
      const part = `${grouped(share)} (${Math.round((share * 100) / limit)} %)`;
      return `; as it asked ${grouped(taken)} of ${grouped(limit)} ${windowWords(windowMs)} were taken, and its share's part was ${part}`;
    })
    .join("");
}

function askedWords({ before }: Wait): string {
  if (before === null) return "";
  return `; ${beforeWords(before, "waited", "waited")} before it`;
}

/** @param one, many what one, and what several, did or do */
function beforeWords({ inShare, shares }: NonNullable<Wait["before"]>, one: string, many: string): string {
  const own = inShare === 0 ? "" : `${inShare} of its share`;
  const other = shares === 0 ? "" : `${shares} other ${shares === 1 ? "share" : "shares"}`;
  const said = [own, other].filter((part) => part !== "").join(" and ");
  return said === "" ? `none ${one}` : `${said} ${inShare + shares === 1 ? one : many}`;
}
