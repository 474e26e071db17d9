// An agent of one's own: what it values, how it bids, what it works on; and running it.
import { type Strategy, truthful } from "../../../src/market/strategies/index.js";
import { AGENT_NAME_RULE, capabilityGiven, isAgentName } from "../../contract/index.js";
import { printable } from "../../printable.js";
import type {
  AgentOptions,
  Definition,
  Receive,
  ReceiveOptions,
  ValueOf,
  Work,
  WorkOptions,
} from "./definition.js";
import { Run } from "./run.js";

/** Of an Ed25519 key. */
const SEED_BYTES = 32;

export class Agent {
  private readonly values = new Map<string, ValueOf>();
  private readonly works = new Map<string, { readonly work: Work; readonly needsInput: boolean }>();
  private readonly receives: Map<
    string,
    Definition["receives"] extends ReadonlyMap<string, infer R> ? R : never
  > = new Map();
  private strategy: Strategy = truthful();
  private readonly capabilities: ReadonlySet<string>;

  /** @throws RangeError, TypeError: options that make no agent */
  constructor(private readonly options: AgentOptions) {
    const { name, capabilities, budget, concurrency = 1 } = options;
    if (typeof name !== "string" || !isAgentName(name))
      throw new RangeError(`an agent's name is ${AGENT_NAME_RULE}`);
    if (!Array.isArray(capabilities))
      throw new TypeError('capabilities is a list of names, such as ["gpu.a100"]');
    this.capabilities = new Set(capabilities.map(capabilityOf));
    for (const [what, amount] of Object.entries(budget ?? {}))
      if (amount !== undefined && (typeof amount !== "bigint" || amount <= 0n))
        throw new TypeError(`budget.${what} is a bigint of micro-credits above 0n, not ${String(amount)}`);
    if (typeof budget?.perAuction !== "bigint")
      throw new TypeError("budget.perAuction says what it bids at most for a lot, such as 200_000_000n");
    if (options.key !== undefined) {
      if (!(options.key instanceof Uint8Array) || options.key.length !== SEED_BYTES)
        throw new RangeError(`key is the ${SEED_BYTES} bytes of an Ed25519 seed`);
      if (budget.perPeriod !== undefined)
        throw new TypeError("an agent with its own key is given a budget by its owner: `mabeam budget open`");
    }
    if (!Number.isSafeInteger(concurrency) || concurrency < 1)
      throw new RangeError(`concurrency is a count of 1 or more, not ${concurrency}`);
  }

  /** What a lot of this capability is worth to it: bid for it in sales, or, where it has work for it, asked for it in purchases. */
  value(capability: string, of: ValueOf): this {
    this.values.set(this.known(capability, of), of);
    return this;
  }

  /** How much it bids for what a lot is worth; without this, its value. */
  bid(strategy: Strategy): this {
    if (typeof strategy?.bid !== "function" || typeof strategy.learn !== "function")
      throw new TypeError("a strategy comes from `strategies`, such as strategies.truthful()");
    this.strategy = strategy;
    return this;
  }

  /** What it does for whoever has bought this capability of it. What work throws fails the task, and nothing else. */
  work(capability: string, work: Work, { needsInput = false }: WorkOptions = {}): this {
    this.works.set(this.known(capability, work), { work, needsInput });
    return this;
  }

  /** What it does with what it has bought of this capability, in its own auctions too, once it is delivered. */
  receive(capability: string, receive: Receive, { input }: ReceiveOptions = {}): this {
    this.receives.set(this.known(capability, receive), { receive, input: input ?? null });
    return this;
  }

  /**
   * Acts until the signal is given. It comes back to a daemon that was away, and goes on where an earlier run has stopped.
   * @throws Accident, ApiFailure: what no waiting mends
   */
  async run({
    signal = new AbortController().signal,
  }: {
    readonly signal?: AbortSignal;
  } = {}): Promise<void> {
    const { options, values, works, receives, strategy } = this;
    const say = options.say ?? ((line: string) => void process.stderr.write(`${printable(line, false)}\n`));
    await new Run({ options, values, works, receives, strategy }, say, signal).run();
  }

  private known(capability: string, what: unknown): string {
    const name = capabilityOf(capability);
    if (!this.capabilities.has(name)) throw new RangeError(`${name} is not among the agent's capabilities`);
    if (typeof what !== "function") throw new TypeError(`what is given for ${name} is no function`);
    return name;
  }
}

function capabilityOf(text: unknown): string {
  const read = capabilityGiven.safeParse(text);
  if (read.success) return read.data;
  throw new RangeError(`${String(text)} is no capability: ${read.error.issues[0]!.message}`);
}

/** @throws RangeError, TypeError: options that make no agent */
export const createAgent = (options: AgentOptions): Agent => new Agent(options);
