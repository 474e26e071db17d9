// Scripts: what strangers say to running members, blow after blow, as one input that can be kept, mutated and shrunk.
import { type Bytes, decode, encode, list, struct, type TypeOf, uint } from "../../../src/base/index.js";
import { Random } from "../../../testnet/lab/simulate/world/random.js";
import { mutated, sampleOf } from "../mutate.js";

const MAX_BLOWS = 512;
const MAX_SCRIPT_BYTES = 1 << 20;
/** The latest messages of a run, of which blows are made. */
export const REMEMBERED = 96;

/**
 * One blow, as a recipe: a message that was said in this very run, mutated. So every honest signature in it was made by
 * its owner in this history, also when the script is shrunk and the history becomes another one.
 */
const blow = struct({
  to: [0, uint(3)],
  /** 4: a peer without a seat */
  from: [1, uint(4)],
  waitMs: [2, uint(2000)],
  /** which message: so many before the latest */
  back: [3, uint(REMEMBERED - 1)],
  /** chooses the mutation */
  seed: [4, uint()],
});
export type Blow = TypeOf<typeof blow>;
const script = list(blow, MAX_BLOWS);

/** Empty for bytes that are no script. */
export function decodeScript(input: Bytes): readonly Blow[] {
  const decoded = decode(script, input, MAX_SCRIPT_BYTES);
  return decoded.ok ? decoded.value : [];
}

/** The seat whose key the adversary has; with four seats it may have one. */
export const CULPRIT = 3;
const NO_SEAT = 4;

/** The seat that the blow's connection proved. */
export const seatOf = ({ from }: Blow): number | null => (from === NO_SEAT ? null : from);

/** From the culprit or a peer without a seat, and sometimes over the connection of an honest member. */
export function inventScript(random: Random, blows: number): Bytes {
  return encode(
    script,
    Array.from({ length: blows }, () => ({
      to: random.word() % 3,
      from: random.pick([CULPRIT, CULPRIT, CULPRIT, NO_SEAT, NO_SEAT, random.word() % 3]),
      waitMs: random.pick([0, 0, 0, 0, 0, 0, 1, 1, 3, 10, 40, 300]),
      back: random.word() % REMEMBERED,
      seed: random.word(),
    })),
  );
}

/**
 * The frame of a blow: mutated until it can be read, since what cannot be is refused in front of the member. Now and
 * then a real one as it was: late, twice, or to somebody else.
 * @param said the latest messages of the run, encoded
 */
export function frameOf(
  { back, seed }: Blow,
  said: readonly Bytes[],
  isReadable: (frame: Bytes) => boolean,
): Bytes {
  const random = new Random(seed, "blow");
  const base = said.at(-1 - (back % Math.max(1, said.length)));
  if (base === undefined) return random.bytes(8);
  if (random.word() % 8 === 0) return base;
  const sample = sampleOf(base);
  let made = base;
  for (let trial = 0; trial < 24; trial++) {
    const other = sampleOf(random.pick(said));
    made = mutated(sample, random, other);
    if (isReadable(made)) break;
  }
  return made;
}

/** What scripts made happen so far, in all of a run of the fuzzer. */
export class Sightings {
  private readonly seen = new Set<string>();

  note(signal: string): void {
    this.seen.add(signal);
  }

  get count(): number {
    return this.seen.size;
  }
}
