// A slash for people: what it was for, in few words, and line by line with each number that it was computed from.
import type { SlashDetail, SlashView } from "../../contract/index.js";
import { creditsOf, short } from "../show.js";

export const RESULTS: Readonly<Record<SlashView["result"], string>> = {
  WARNING: "a warning",
  SLASHED: "slashed",
  NOTHING_TO_SLASH: "nothing to slash",
};

/** What it was for, in few words. */
export function reasonOf({ offence, conviction, trade }: SlashView): string {
  if (conviction !== null)
    return `${offence} in term ${conviction.term}${conviction.seat === null ? "" : `, seat ${conviction.seat}`}`;
  return trade === null ? offence : `${offence} of a trade`;
}

/** What each fault and each violation is, in words (spec/evidence#faults, spec/standing#deeds). */
const OFFENCES: Readonly<Record<string, string>> = {
  E1: "acknowledged two entries in one term",
  E2: "skipped a term and committed in it",
  E3: "committed another entry than it acknowledged",
  E4: "committed two entries in one term",
  E5: "proposed two entries in one term",
  E6: "proposed an entry that is invalid on its face",
  failure: "gave up what it was to deliver",
  timeout: "delivered nothing in time",
  misdelivery: "delivered what the seats found wrong",
};

type Row = readonly [label: string, value: string | null];

/** A slash line by line, with each number that it was computed from. */
export function slashRows(slash: SlashDetail): readonly Row[] {
  const { conviction, trade, debt } = slash;
  const name = conviction === null ? slash.offence : `${slash.offence}, class ${conviction.class}`;
  return [
    ["Slash", slash.id],
    ["Offence", `${name}: ${OFFENCES[slash.offence] ?? "a fault"}`],
    ["Agent", slash.agent],
    ...(conviction === null ? [] : convictionRows(conviction)),
    ...(trade === null ? [] : tradeRows(trade)),
    ["Result", slash.says],
    ...reckoningRows(slash),
    ["Taken", `${creditsOf(slash.amount)} of ${creditsOf(slash.due)} credits`],
    ["From", fromOf(slash)],
    ["Burned", `${creditsOf(slash.burned)} credits`],
    ["Insurance", `${creditsOf(slash.insurance)} credits to the pool`],
    ["Debt", debt === "0" ? null : `${creditsOf(debt)} credits remained due`],
    ["Entry", `height ${slash.height}, ${slash.entry ?? "not held here"}`],
    ["Operation", slash.operation],
    ["At", slash.time],
  ];
}

const convictionRows = ({ seat, key, term, epoch }: NonNullable<SlashView["conviction"]>): readonly Row[] => [
  ["Seat", `${seat === null ? "none now" : seat}, key ${key}`],
  ["Term", `${term} of epoch ${epoch}`],
];

const tradeRows = ({ id, auction }: NonNullable<SlashView["trade"]>): readonly Row[] => [
  ["Trade", `${short(id)}: \`trade show ${short(id)}\``],
  ["Auction", auction],
];

/** The sum as it came out, and what made it so. */
function reckoningRows({ reckoning, result, due, conviction }: SlashDetail): readonly Row[] {
  if (reckoning === null) return [["Due", `${creditsOf(due)} credits; how it was reckoned is not held here`]];
  const { base, penaltyBp, severity, grace, violations, repeat, shareBp } = reckoning;
  const factors = `severity ${severity} · repeat ${repeat}${shareBp === 10_000 ? "" : ` · share ${percent(shareBp)}`}`;
  const sum = `⌊${percent(penaltyBp)} of ${creditsOf(base)}⌋ · ${factors}`;
  return [
    [
      "Base",
      `${creditsOf(base)} credits: ${conviction === null ? "the trade's part of the lien" : "what was left of the bond"}`,
    ],
    [
      "Before",
      conviction === null
        ? `${violations} violations within 30 periods; with fewer than ${grace} it is forgiven`
        : null,
    ],
    ["Due", result === "WARNING" ? `0 credits, forgiven; else ${sum}` : `${creditsOf(due)} credits = ${sum}`],
  ];
}

/** Where it was taken from; null: nowhere, or it is not known here. */
function fromOf({ from }: SlashDetail): string | null {
  if (from === null) return null;
  const parts = [
    [from.lien, "of the lien"],
    [from.freeStake, "of free stake"],
    [from.unbonding, "of what was unbonding"],
  ] as const;
  const taken = parts.filter(([sum]) => sum !== "0").map(([sum, place]) => `${creditsOf(sum)} ${place}`);
  return taken.length === 0 ? null : taken.join(", ");
}

const percent = (bp: number): string => `${bp / 100} %`;
