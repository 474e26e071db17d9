// The load: agents that work as recorded coding agents do, call after call, each with the whole conversation before it.
// The figures are of Inferact/codex_swebenchpro_traces: 33 calls a run (half have no more than 30, one in a hundred more than
// 90), 12.4 k tokens of context at the first, 84.5 k at the last, 17.2 k of output a run.
import { invariant } from "../../src/base/index.js";
import { Random } from "../lab/simulate/world/random.js";
import { passage } from "./passage.js";

export interface LoadRules {
  readonly seed: number;
  /** by how much all tokens are less than recorded: 0 < scale ≤ 1 */
  readonly scale: number;
  /** what a call allows to be written, before it is scaled */
  readonly maxTokens: number;
}

/** What is said in a conversation. */
export interface Said {
  readonly by: "system" | "user" | "model";
  readonly text: string;
}

/** The figures of one call of an agent to its model. */
export interface CallFigures {
  /** from 1 */
  readonly run: number;
  /** from 1 to `of` */
  readonly nth: number;
  readonly of: number;
  /** between the answer before it and this call: the agent's tools work */
  readonly pauseMs: number;
  readonly promptTokens: number;
  readonly maxTokens: number;
  /** what the model is to write, no more than `maxTokens` */
  readonly outputTokens: number;
}

/** One call, with its words. */
export interface Call extends CallFigures {
  /** all that was said before, and this call's own last */
  readonly said: readonly Said[];
}

const FIRST_TOKENS = 12_400;
/** A logarithmic normal distribution, by its median and the spread of its logarithm. */
interface Spread {
  readonly median: number;
  readonly sigma: number;
}
/** Mean 33; one in a hundred more than 90. */
const CALLS: Spread = { median: 30, sigma: 0.472 };
/** Mean 521: 17.2 k in 33 calls. */
const OUTPUT: Spread = { median: 260, sigma: 1.18 };
/** Mean 1,732: with the output 2,253 a call, from 12.4 k to 84.5 k in 33 calls. */
const TOOL_ANSWER: Spread = { median: 800, sigma: 1.243 };
/** Milliseconds that tools take: mean 4.1 s. */
const PAUSE: Spread = { median: 2_000, sigma: 1.2 };
/** Agents do not begin in one moment. */
const FIRST_PAUSE_MS = 10_000;
/** Tokens that an agent's instructions are of what a run begins with. */
const INSTRUCTIONS = 0.8;

/** The calls of one agent, run after run, without end; the same for the same seed and agent. */
export function* callsOf(agent: number, rules: LoadRules): Generator<Call, never> {
  invariant(rules.scale > 0 && rules.scale <= 1, "a load is scaled down");
  for (let run = 1; ; run++) yield* runOf(agent, run, rules);
}

/** One run: a conversation that grows with each call by what was answered and what a tool said to it. */
export function* runOf(agent: number, run: number, rules: LoadRules): Generator<Call> {
  const random = new Random(rules.seed, `load/${agent}/${run}/words`);
  const [instructions, question] = beginningOf(rules);
  const said: Said[] = [
    { by: "system", text: passage(random, instructions) },
    { by: "user", text: passage(random, question) },
  ];
  let before: CallFigures | null = null;
  for (const figures of figuresOf(agent, run, rules)) {
    if (before !== null) {
      const answered = figures.promptTokens - before.promptTokens - before.outputTokens;
      said.push({ by: "model", text: passage(random, before.outputTokens) });
      said.push({ by: "user", text: passage(random, answered) });
    }
    yield { ...figures, said: [...said] };
    before = figures;
  }
}

/** The figures of one run alone. */
export function* figuresOf(agent: number, run: number, rules: LoadRules): Generator<CallFigures> {
  const random = new Random(rules.seed, `load/${agent}/${run}`);
  const of = Math.max(1, Math.round(drawn(random, CALLS)));
  const most = scaled(rules.maxTokens, rules);
  const [instructions, question] = beginningOf(rules);
  let promptTokens = instructions + question;
  for (let nth = 1; nth <= of; nth++) {
    const pauseMs = Math.round(nth === 1 ? random.unit() * FIRST_PAUSE_MS : drawn(random, PAUSE));
    const outputTokens = Math.min(most, scaled(drawn(random, OUTPUT), rules));
    yield { run, nth, of, pauseMs, promptTokens, maxTokens: most, outputTokens };
    promptTokens += outputTokens + scaled(drawn(random, TOOL_ANSWER), rules);
  }
}

/** Tokens of instructions, and of what is said first. */
const beginningOf = (rules: LoadRules): readonly [number, number] => [
  scaled(FIRST_TOKENS * INSTRUCTIONS, rules),
  scaled(FIRST_TOKENS * (1 - INSTRUCTIONS), rules),
];

const scaled = (tokens: number, { scale }: LoadRules): number => Math.max(1, Math.round(tokens * scale));

function drawn(random: Random, { median, sigma }: Spread): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random.unit())) * Math.cos(2 * Math.PI * random.unit());
  return median * Math.exp(sigma * normal);
}
