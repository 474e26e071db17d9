// paid: of no final entry are more than a few operations, and a few KiB, such that nobody paid for their bytes (ADR 0050).
import type { LoggedOperation } from "./auctions.js";
import type { History } from "./history.js";

const MOST_OPERATIONS = 16;
const MOST_BYTES = 16 * 1024;

/** An opening that comes too late was paid for by its commit; a conviction without money left to take still counts. */
const OWED = new Set<string | null>([null, "REVEAL_TOO_LATE", "NOTHING_TO_SLASH"]);

const isUnpaid = ({ operation, isPassedOver, code }: LoggedOperation): boolean =>
  isPassedOver || (operation.authority === null && !OWED.has(code));

export function paidWrongs(history: History): readonly string[] {
  const unpaid = new Map<number, { operations: number; bytes: number }>();
  for (const one of history.operations()) {
    if (!isUnpaid(one)) continue;
    const sum = unpaid.get(one.height) ?? { operations: 0, bytes: 0 };
    unpaid.set(one.height, { operations: sum.operations + 1, bytes: sum.bytes + one.size });
  }
  return [...unpaid].flatMap(([height, { operations, bytes }]) =>
    operations <= MOST_OPERATIONS && bytes <= MOST_BYTES
      ? []
      : [`height ${height}: nobody paid for ${operations} operations, ${bytes} bytes`],
  );
}
