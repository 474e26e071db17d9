// turn: no member turns down an honest leader's proposal for what is idle in it (ADR 0050).
import type { Header } from "../../../../src/quorum/index.js";

/** An entry that a member did not acknowledge because too much of it was idle. */
export interface TurnedDown {
  readonly header: Header;
  readonly operations: number;
  readonly bytes: number;
}

export const turnWrongs = (
  turnedDown: readonly TurnedDown[],
  isHonestSeat: (seat: number) => boolean,
): readonly string[] =>
  turnedDown
    .filter(({ header }) => isHonestSeat(header.leader))
    .map(({ header, operations, bytes }) => {
      const what = `${operations} operations and ${bytes} bytes`;
      return `term ${header.term}: an honest leader lost its turn for ${what}`;
    });
