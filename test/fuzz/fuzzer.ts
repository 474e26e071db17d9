// The fuzzer: mutates what reached something new before, and keeps what reaches something new now.
import { type Bytes, concatBytes, toHex } from "../../src/base/index.js";
import { Random } from "../../testnet/lab/simulate/world/random.js";
import { mutated, type Sample, sampleOf, scratched } from "./mutate.js";
import { shrunk } from "./shrink.js";
import type { Signal, Target } from "./target.js";

export interface Finding {
  readonly target: string;
  /** the smallest input found that still fails */
  readonly input: Bytes;
  readonly error: Error;
}

export interface Outcome {
  readonly target: string;
  readonly inputs: number;
  /** how many different things inputs made happen */
  readonly signals: number;
  readonly accepted: number;
  /** inputs that reached something which no input before them did, by what they reached */
  readonly news: ReadonlyMap<Signal, Bytes>;
  readonly finding: Finding | null;
}

/** Inputs kept to mutate further: beyond, new ones take the places of old ones. */
const POOL = 1500;
/** A signal is followed no further once there are so many: then they name values, not behaviour. */
const MAX_SIGNALS = 20_000;

/** Mutated inputs until `inputs` were tried or one failed. The same seed tries the same inputs. */
export async function fuzz(
  target: Target,
  kept: readonly Bytes[],
  seed: number,
  inputs: number,
): Promise<Outcome> {
  const run = new Run(target, new Random(seed, `fuzz ${target.name}`));
  const finding = (await run.begin([...target.seeds(), ...kept])) ?? (await run.mutate(inputs));
  return run.outcome(finding);
}

class Run {
  /** inputs that were accepted, and ones that were refused in a way of their own */
  private readonly sound: Sample[] = [];
  private readonly odd: Sample[] = [];
  private readonly news = new Map<Signal, Bytes>();
  private tried = 0;
  private accepted = 0;

  constructor(
    private readonly target: Target,
    private readonly random: Random,
  ) {}

  async begin(seeds: readonly Bytes[]): Promise<Finding | null> {
    for (const input of seeds) {
      const failure = await this.take(input);
      if (failure !== null) return this.found(input, failure);
    }
    return null;
  }

  async mutate(inputs: number): Promise<Finding | null> {
    while (this.tried < inputs) {
      const input = this.next();
      const failure = await this.take(input);
      if (failure !== null) return this.found(input, failure);
    }
    return null;
  }

  outcome(finding: Finding | null): Outcome {
    const { target, tried, accepted, news } = this;
    return { target: target.name, inputs: tried, signals: news.size, accepted, news, finding };
  }

  private next(): Bytes {
    const { random, target } = this;
    if (target.invent !== undefined && random.word() % 2 === 0) return target.invent(random);
    const [base, other] = [this.picked(), this.picked()];
    if (base === null || other === null) return target.invent?.(random) ?? random.bytes(random.word() % 64);
    if (target.text !== true) return mutated(base, random, other);
    return rewritten(base.bytes, random, other.bytes);
  }

  /** Mostly what is one mutation away from being accepted: behind a refused field nothing is reached. */
  private picked(): Sample | null {
    const { sound, odd, random } = this;
    const pool = odd.length === 0 || (sound.length > 0 && random.word() % 4 > 0) ? sound : odd;
    return pool[random.word() % Math.max(1, pool.length)] ?? null;
  }

  private async take(input: Bytes): Promise<Error | null> {
    this.tried += this.target.size?.(input) ?? 1;
    try {
      const taken = this.target.take(input);
      this.note(input, typeof taken === "string" ? taken : await taken);
      return null;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  private note(input: Bytes, signal: Signal): void {
    const accepted = signal.startsWith("ok");
    if (accepted) this.accepted++;
    if (this.news.has(signal) || this.news.size >= MAX_SIGNALS) return;
    this.news.set(signal, input);
    const pool = accepted ? this.sound : this.odd;
    if (pool.length < POOL) pool.push(sampleOf(input));
    else pool[this.random.word() % POOL] = sampleOf(input);
  }

  private async found(input: Bytes, error: Error): Promise<Finding> {
    const { target } = this;
    const fails = async (smaller: Bytes): Promise<boolean> => {
      try {
        await target.take(smaller);
        return false;
      } catch (other) {
        return other instanceof Error && other.name === error.name && kindOf(other) === kindOf(error);
      }
    };
    return { target: target.name, input: await shrunk(input, fails, target.trials), error };
  }
}

const kindOf = ({ message }: Error): string => message.replace(/\d+/g, "#").slice(0, 80);

/** Text: a piece of another input, or what is changed on bytes. */
function rewritten(bytes: Bytes, random: Random, other: Bytes): Bytes {
  let made = bytes;
  if (random.word() % 3 === 0 && other.length > 0) {
    const from = random.word() % other.length;
    const at = random.word() % (bytes.length + 1);
    const piece = other.slice(from, from + 1 + (random.word() % 40));
    made = concatBytes(
      bytes.subarray(0, at),
      piece,
      bytes.subarray(Math.min(bytes.length, at + (random.word() % 40))),
    );
  }
  const scratches = random.word() % 3;
  for (let i = 0; i < scratches; i++) made = scratched(made, random);
  return made.length > 1 << 16 ? made.slice(0, 1 << 16) : made;
}

/** What a person needs to see a finding again. */
export const replayLine = ({ target, input }: Finding): string =>
  `MABEAM_FUZZ_REPLAY=${target}:${toHex(input)} npx vitest run test/fuzz/fuzz.test.ts`;
