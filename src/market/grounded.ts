// Grounded: whether the state knows who stands behind an operation that it does not take yet.
import type { Ledger, Operation } from "../ledger/index.js";
import { bidIsOpened, reserveIsOpened } from "./bid-rules.js";

/** The account that signed it is known, or the commit or reserve that it opens; what is not may be anybody's garbage. */
export function isGrounded(ledger: Ledger, { authority, body }: Operation): boolean {
  if (authority !== null) return ledger.accountOf(authority.from) !== null;
  if (body.kind === "reveal") return bidIsOpened(ledger, body);
  return body.kind === "openReserve" && reserveIsOpened(ledger, body);
}
