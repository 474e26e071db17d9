// Why a request waited, in words: who was before it, and what held it back.
import type { GatewayRequest } from "../../contract/index.js";
import { grouped, shortly, UNITS, windowOf } from "./gateway-words.js";

type Wait = NonNullable<GatewayRequest["wait"]>;
type Causes = Wait["held"];
type Limit = Wait["limits"][number];

const INDENT = " ".repeat(8);

/** The first says for how long, the others for what. */
export function waitedLines({ waitedMs, wait }: GatewayRequest): readonly string[] {
  if (waitedMs === 0) return ["Waited  not at all"];
  if (wait === null) return [`Waited  ${shortly(waitedMs)}`];
  const { held, others, limits, turnMs } = wait;
  const forTurnMs = turnMs + sumOf(others);
  const reasons = [
    ...causesOf(held).map(([what, ms]) => `${shortly(ms)} for ${what}${limitWords(what, limits)}`),
    ...(forTurnMs === 0 ? [] : [`${shortly(forTurnMs)} for others' turn${heldWords(others)}`]),
  ];
  return [`Waited  ${shortly(waitedMs)}${beforeWords(wait)}`, ...reasons.map((one) => INDENT + one)];
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
      return `; as it asked ${grouped(taken)} of ${grouped(limit)} ${windowOf(windowMs)} were taken, and its share's part was ${part}`;
    })
    .join("");
}

function beforeWords({ before }: Wait): string {
  if (before === null) return "";
  const { inShare, shares } = before;
  const own = inShare === 0 ? "" : `${inShare} of its share`;
  const other = shares === 0 ? "" : `${shares} other ${shares === 1 ? "share" : "shares"}`;
  const said = [own, other].filter((one) => one !== "").join(" and ");
  return said === "" ? "; none waited before it" : `; ${said} waited before it`;
}
