// The flags of an upstream that is run by hand, and the rules that they make.
import { parseArgs } from "node:util";
import { runningClock } from "./clock.js";
import { isDialectName } from "./dialects/dialects.js";
import { FAULTS, type FaultName, type FaultRates, faultsByRate } from "./faults.js";
import type { Figures } from "./limits.js";
import { plainRules, type UpstreamRules, USUAL_KEY } from "./rules.js";

const FIGURES = ["rpm", "rpd", "tpm", "itpm", "otpm"] as const;
/** Whole numbers by flag, with the least that each may be; all optional. */
const COUNTS = {
  rpm: 1,
  rpd: 1,
  tpm: 1,
  itpm: 1,
  otpm: 1,
  port: 0,
  seed: 0,
  "first-byte-ms": 0,
  "burst-ms": 1,
  "paid-tokens": 0,
  "growth-floor": 1,
  "hidden-input": 0,
  "hidden-output": 0,
} as const;
/** Numbers above 0 by flag; all optional. */
const FACTORS = ["speed", "tokens-per-second", "cache-misses", "growth", "hidden-rpm"] as const;

type NumberName = keyof typeof COUNTS | (typeof FACTORS)[number];
const NUMBERS = [...Object.keys(COUNTS), ...FACTORS];

export const USAGE = `upstream [--dialect openai|azure|anthropic|google] [--key KEY]... [--model MODEL]... [--counts-failed]
  [--fault NAME=RATE]... [--journal] [${NUMBERS.map((name) => `--${name} N`).join("] [")}]
faults: ${FAULTS.join(", ")}
`;

export interface UpstreamFlags {
  readonly rules: UpstreamRules;
  readonly port: number;
  /** each request is told once its answer is over */
  readonly tellsJournal: boolean;
}

/** @returns the flags, or what is wrong with them */
export function flagsOf(args: readonly string[]): UpstreamFlags | string {
  try {
    return read(args);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function read(args: readonly string[]): UpstreamFlags {
  const { values } = parseArgs({
    args: [...args],
    options: {
      dialect: { type: "string", default: "openai" },
      key: { type: "string", multiple: true, default: [USUAL_KEY] },
      model: { type: "string", multiple: true, default: [] },
      fault: { type: "string", multiple: true, default: [] },
      "counts-failed": { type: "boolean", default: false },
      journal: { type: "boolean", default: false },
      ...Object.fromEntries(NUMBERS.map((name) => [name, { type: "string" as const }])),
    },
  });
  const number = (name: NumberName): number | undefined =>
    numberIn(name, (values as Readonly<Record<string, unknown>>)[name] as string | undefined);
  if (!isDialectName(values.dialect)) throw new Error(`there is no dialect ${values.dialect}`);
  const seed = number("seed") ?? 1;
  const figures: Figures = Object.fromEntries(FIGURES.map((name) => [name, number(name)]));
  const clock = runningClock(number("speed") ?? 1, Date.now());
  const plain = plainRules(values.dialect, clock, seed, figures);
  const hiddenRpm = number("hidden-rpm");
  const growth = number("growth");
  const limits = {
    ...plain.customers[0]!.limits,
    burstMs: number("burst-ms") ?? null,
    countsFailed: values["counts-failed"],
    acceleration: growth === undefined ? null : { growth, floor: number("growth-floor") ?? 10_000 },
    hidden:
      hiddenRpm === undefined
        ? null
        : {
            requestsPerMinute: hiddenRpm,
            inputTokens: number("hidden-input") ?? 1_000,
            outputTokens: number("hidden-output") ?? 200,
          },
  };
  return {
    port: number("port") ?? 0,
    tellsJournal: values.journal,
    rules: {
      ...plain,
      customers: values.key.map((key) => ({ key, limits, paidTokens: number("paid-tokens") ?? null })),
      models: values.model.length > 0 ? values.model : plain.models,
      pace: {
        firstByteMs: number("first-byte-ms") ?? 0,
        tokensPerSecond: number("tokens-per-second") ?? null,
      },
      cache: { ...plain.cache, missChance: number("cache-misses") ?? 0 },
      faults: faultsByRate(seed, ratesOf(values.fault)),
    },
  };
}

function numberIn(name: NumberName, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const least = name in COUNTS ? COUNTS[name as keyof typeof COUNTS] : null;
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  const isGood = least === null ? value > 0 : Number.isSafeInteger(value) && value >= least;
  if (!isGood)
    throw new Error(
      `--${name} takes ${least === null ? "more than 0" : `${least} or more, whole`}, not ${text}`,
    );
  return value;
}

function ratesOf(texts: readonly string[]): FaultRates {
  return Object.fromEntries(
    texts.map((text): [FaultName, number] => {
      const [name, rate] = text.split("=");
      const known = FAULTS.find((one) => one === name);
      if (known === undefined || !(Number(rate) >= 0)) throw new Error(`no fault at a rate: ${text}`);
      return [known, Number(rate)];
    }),
  );
}
