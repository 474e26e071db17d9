// The ledger's smaller records: sums of money, granters, slashes, and how full the lanes were.
import { amount, fixed, oneOf, struct, type TypeOf, uint } from "../base/index.js";
import { agentId } from "./operation.js";
import { DECIMAL_PART, ID_PART, plainTable, single } from "./table.js";

/** Money that is in no account: conservation is stated over these and the accounts (PROTOCOL §2.1). */
export const TOTALS = single(
  "totals",
  struct({
    minted: [0, amount],
    burned: [1, amount],
    /** the insurance pool */
    insurance: [2, amount],
  }),
  () => ({ minted: 0n, burned: 0n, insurance: 0n }),
);

/** What a granter named in genesis may still mint. */
export const GRANTERS = plainTable({
  name: "granter",
  parts: [ID_PART],
  codec: struct({ remaining: [0, amount] }),
});

/** How full the critical lane was: a full one keeps phases open (PROTOCOL §2.3, layer 2). */
const congestion = struct({
  /** entries in a row, up to the last, whose critical lane was full; at most 255 */
  fullRun: [0, uint(255)],
  /** height of the last entry whose critical lane was full of reveals; 0: none yet */
  revealsFullAt: [1, uint()],
});
export type Congestion = TypeOf<typeof congestion>;
export const CONGESTION = single("congestion", congestion, () => ({ fullRun: 0, revealsFullAt: 0 }));

/** A conviction and what it cost. */
const slash = struct({
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

/** Under (seat key, epoch, term, class): each fault is punished once (PROTOCOL §1.9). */
export const SLASHES = plainTable({
  name: "slash",
  parts: [ID_PART, DECIMAL_PART, DECIMAL_PART, "[AB]"],
  codec: slash,
});
