// The ledger's smaller records: sums of money, granters, slashes, and how full the lanes were.
import { amount, fixed, oneOf, struct, type TypeOf, uint } from "../base/index.js";
import { agentId } from "./operation.js";

/** Money that is in no account: conservation is stated over these and the accounts (PROTOCOL §2.1). */
export interface Totals {
  minted: bigint;
  burned: bigint;
  /** the insurance pool */
  insurance: bigint;
}
export const totalsRow = struct({ minted: [0, amount], burned: [1, amount], insurance: [2, amount] });

/** What a granter named in genesis may still mint. */
export interface Granter {
  remaining: bigint;
}
export const granterRow = struct({ remaining: [0, amount] });

/** How full the critical lane was: a full one keeps phases open (PROTOCOL §2.3, layer 2). */
export interface Congestion {
  /** entries in a row, up to the last, whose critical lane was full; at most 255 */
  fullRun: number;
  /** height of the last entry whose critical lane was full of reveals; 0: none yet */
  revealsFullAt: number;
}
export const congestionRow = struct({ fullRun: [0, uint(255)], revealsFullAt: [1, uint()] });

/** A conviction and what it cost. Kept under (seat key, epoch, term, class): once each (PROTOCOL §1.9). */
export const slash = struct({
  type: [0, oneOf(["E1", "E2", "E3", "E4", "E5", "E6"])],
  agent: [1, agentId],
  key: [2, fixed(32)],
  epoch: [3, uint()],
  term: [4, uint()],
  /** height and ledger time of the entry that convicted */
  height: [5, uint()],
  timeMs: [6, uint()],
  /** what the table asks for: base × percentage × severity × repeat */
  due: [7, amount],
  /** what could be taken: half burned, half to the insurance pool */
  taken: [8, amount],
});
export type Slash = TypeOf<typeof slash>;
