// paid: of no final entry are more than a few operations, and a few KiB, such that nobody paid for their bytes (ADR 0050).
// turn: no member turns down an honest leader's proposal for what is idle in it.
import type { Header } from "../../../src/quorum/index.js";
import type { Checker, Trial } from "./checker.js";
import type { Chronicle, LoggedOperation } from "./chronicle.js";

/** An entry that a member did not acknowledge because too much of it was idle. */
export interface TurnedDown {
  readonly header: Header;
  readonly operations: number;
  readonly bytes: number;
}

const MOST_OPERATIONS = 16;
const MOST_BYTES = 16 * 1024;

/** An opening that comes too late was paid for by its commit; a conviction without money left to take still counts. */
const OWED = new Set<string | null>([null, "REVEAL_TOO_LATE", "NOTHING_TO_SLASH"]);

const isUnpaid = ({ operation, isPassedOver, code }: LoggedOperation): boolean =>
  isPassedOver || (operation.authority === null && !OWED.has(code));

export function paidChecker(
  trial: Trial,
  chronicle: Chronicle,
  turnedDown: readonly TurnedDown[],
  isHonestSeat: (seat: number) => boolean,
): Checker {
  return {
    ended() {
      for (const { header, operations, bytes } of turnedDown) {
        if (!isHonestSeat(header.leader)) continue;
        const what = `${operations} operations and ${bytes} bytes`;
        trial.report("turn", `term ${header.term}: an honest leader lost its turn for ${what}`);
      }
      const unpaid = new Map<number, { operations: number; bytes: number }>();
      for (const one of chronicle.operations()) {
        if (!isUnpaid(one)) continue;
        const sum = unpaid.get(one.height) ?? { operations: 0, bytes: 0 };
        unpaid.set(one.height, { operations: sum.operations + 1, bytes: sum.bytes + one.size });
      }
      for (const [height, { operations, bytes }] of unpaid) {
        if (operations <= MOST_OPERATIONS && bytes <= MOST_BYTES) continue;
        trial.report("paid", `height ${height}: nobody paid for ${operations} operations, ${bytes} bytes`);
      }
    },
  };
}
