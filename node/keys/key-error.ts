// Why a key could not be made, found or opened.
import { Accident } from "../accident.js";

export type KeyErrorCode =
  | "BAD_NAME"
  | "KEY_EXISTS"
  | "KEY_NOT_FOUND"
  | "KEY_CORRUPT"
  | "KEY_KIND"
  | "KEY_VERSION"
  | "NO_PASSPHRASE"
  | "WRONG_PASSPHRASE"
  | "TOO_OPEN";

/** An accident with a key, a passphrase, or the place where they lie. Carries no secret. */
export class KeyError extends Accident<KeyErrorCode> {
  override readonly name = "KeyError";
}
