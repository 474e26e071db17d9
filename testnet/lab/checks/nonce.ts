// nonce: each operation of the log that had a fate, applied or failed, has used one nonce, and no other has (ADR 0030).
import { toHex } from "../../../src/base/index.js";
import { laneOf } from "../../../src/market/index.js";
import type { Executed } from "./books.js";
import type { History } from "./history.js";

const LANES = ["critical", "bulk"] as const;

export function nonceWrongs(history: History, { height, accounts }: Executed): readonly string[] {
  const used = usedUpTo(history, height);
  return accounts.flatMap(({ agent, nonces }) =>
    LANES.flatMap((lane) => {
      const count = used.get(`${agent}/${lane}`) ?? 0;
      if (nonces[lane] === count) return [];
      const says = `${agent.slice(0, 8)} has used ${nonces[lane]} ${lane} nonces; the log uses ${count}`;
      return [`at height ${height} ${says}`];
    }),
  );
}

function usedUpTo(history: History, height: number): ReadonlyMap<string, number> {
  const used = new Map<string, number>();
  for (const { height: at, operation, isPassedOver } of history.operations()) {
    if (at > height || isPassedOver || operation.authority === null) continue;
    const whose = `${toHex(operation.authority.from)}/${laneOf(operation.body.kind)}`;
    used.set(whose, (used.get(whose) ?? 0) + 1);
  }
  return used;
}
