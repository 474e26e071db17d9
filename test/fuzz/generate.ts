// Values of any schema: the codec reads from a reader that answers with choices, and chooses anew where it is refused.
import {
  DecodeFailure,
  MAJOR_ARRAY,
  MAJOR_BYTES,
  MAJOR_MAP,
  MAJOR_TEXT,
  Reader,
} from "../../src/base/codec/reader.js";
import type { Codec } from "../../src/base/index.js";
import type { Random } from "../../testnet/lab/simulate/world/random.js";

/** One number that was chosen, what else it may be, and the choice to go back to when nothing is left. */
interface Choice {
  readonly left: number[];
  value: number;
  readonly retreat: number;
}

interface Frame {
  readonly isMap: boolean;
  left: number;
  lastKey: number;
  /** index of the choice of its count */
  readonly choice: number;
}

const INTEGERS = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 23, 24, 255, 256, 65535, 65536, 4294967295, 4294967296,
  9007199254740991, 3_600_000, 1_700_000_000_000,
];
const LENGTHS = [32, 32, 32, 64, 64, 16, 96, 8, 20, 0, 1, 2, 5];
const COUNTS = [0, 1, 1, 2, 2, 2, 3, 4, 28];
/** How many fields a map has: the parameters of a genesis have the most. */
const FIELDS = Array.from({ length: 42 }, (_, i) => i);
const KEY_STEPS = [1, 2, 3, 4];

/** Reads a tape of choices, and lengthens it at random when it ends. */
class Chooser extends Reader {
  private used = 0;
  private inText = false;
  private wasKey = false;
  private closedMap = -1;
  private readonly frames: Frame[] = [];

  constructor(
    private readonly tape: Choice[],
    private readonly random: Random,
  ) {
    super(new Uint8Array(0));
  }

  override get atEnd(): boolean {
    return true;
  }

  /** Where to choose again: at the last choice, or at the count of the map that ended before its fields did. */
  retreat({ code }: DecodeFailure): number {
    return code === "MISSING_KEY" && !this.wasKey && this.closedMap >= 0 ? this.closedMap : this.used - 1;
  }

  override head(major: number): number {
    const frame = this.frames.at(-1);
    const map = frame?.isMap === true && frame.left % 2 === 0 ? frame : null;
    const index = this.used++;
    const choice = this.tape[index] ?? this.chosen(index, major, map);
    if (map !== null) map.lastKey = choice.value;
    this.wasKey = map !== null;
    this.inText = major === MAJOR_TEXT;
    this.enter(major, choice.value, index);
    return choice.value;
  }

  override take(length: number): Uint8Array {
    if (!this.inText) return this.random.bytes(length);
    // Most texts are words, which some schemas ask for.
    const [first, count] = this.random.word() % 8 === 0 ? [0x20, 0x5f] : [0x61, 26];
    const text = new Uint8Array(length);
    for (let i = 0; i < length; i++) text[i] = first + (this.random.word() % count);
    return text;
  }

  private chosen(index: number, major: number, map: Frame | null): Choice {
    const left = map === null ? this.random.shuffled(optionsOf(major)) : this.keysAfter(map.lastKey);
    const choice = { value: left.pop()!, left, retreat: map === null ? index - 1 : map.choice };
    this.tape.push(choice);
    return choice;
  }

  /** The next key first; now and then a later one, which leaves fields out. */
  private keysAfter(last: number): number[] {
    const keys = KEY_STEPS.map((step) => last + step);
    return this.random.word() % 4 === 0 ? this.random.shuffled(keys) : keys.reverse();
  }

  private enter(major: number, value: number, choice: number): void {
    const inside = major === MAJOR_ARRAY ? value : major === MAJOR_MAP ? 2 * value : 0;
    if (inside > 0) {
      this.frames.push({ isMap: major === MAJOR_MAP, left: inside, lastKey: -1, choice });
      return;
    }
    this.closedMap = major === MAJOR_MAP ? choice : -1;
    for (
      let frame = this.frames.at(-1);
      frame !== undefined && --frame.left === 0;
      frame = this.frames.at(-1)
    ) {
      if (frame.isMap && this.closedMap < 0) this.closedMap = frame.choice;
      this.frames.pop();
    }
  }
}

function optionsOf(major: number): readonly number[] {
  if (major === MAJOR_MAP) return FIELDS;
  if (major === MAJOR_ARRAY) return COUNTS;
  return major === MAJOR_BYTES || major === MAJOR_TEXT ? LENGTHS : INTEGERS;
}

const MAX_READINGS = 160_000;
/**
 * Readings after which it begins anew: soon at first, as most searches that go on for long began badly; then later, as some
 * schemas need long ones.
 */
const SOON = 600;
const SOON_UNTIL = 8 * SOON;
const LATER = 8_000;

/** Some value that the codec describes; null if none was found, as where a law ties far fields together. */
export function generated<T>(codec: Codec<T>, random: Random): T | null {
  const usual = Error.stackTraceLimit;
  // Most readings are refused, and nobody asks where: to note that costs more than all else.
  Error.stackTraceLimit = 0;
  try {
    return readings(codec, random);
  } finally {
    Error.stackTraceLimit = usual;
  }
}

function readings<T>(codec: Codec<T>, random: Random): T | null {
  let tape: Choice[] = [];
  for (let reading = 0; reading < MAX_READINGS; reading++) {
    const chooser = new Chooser(tape, random);
    try {
      return codec.read(chooser);
    } catch (failure) {
      if (!(failure instanceof DecodeFailure)) throw failure;
      tape = rewound(tape, chooser.retreat(failure));
      if ((reading + 1) % (reading < SOON_UNTIL ? SOON : LATER) === 0) tape = [];
    }
  }
  return null;
}

/** The tape up to the choice at `index`, which is made anew; where it has no options left, up to the one before. */
function rewound(tape: Choice[], index: number): Choice[] {
  let at = index;
  while (at >= 0) {
    const choice = tape[at]!;
    const next = choice.left.pop();
    if (next !== undefined) {
      choice.value = next;
      return tape.slice(0, at + 1);
    }
    at = choice.retreat;
  }
  return [];
}
