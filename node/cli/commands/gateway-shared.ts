// What the flags of a gateway say of a key that owners share.
import { fromHex } from "../../../src/base/index.js";
import { WINDOW_PARTS } from "../../../src/ledger/index.js";
import { isSubscriptionCredential } from "../../gateway/credential.js";
import type { GivenShared } from "../../gateway/shared/given.js";
import { type CliFailure, usageFailure } from "../failure.js";

export interface SharedFlags {
  readonly share?: string;
  readonly seller?: string;
  readonly parts?: number;
  readonly partPrice?: string;
  readonly window?: number;
  readonly ahead?: number;
  readonly keepParts?: number;
  readonly reserve?: string;
  readonly deputy?: readonly string[];
  readonly term?: number;
}

const NO_SHARE = "could not start the gateway";
const USUAL_WINDOW_MS = 60_000;
const USUAL_AHEAD = 2;
/** Of a part, micro-credits: a whole window for a thousandth of a credit. */
const LEAST_PRICE = 1n;
/** A buyer that names no price pays up to so many times the least. */
const USUAL_PRICE = 100n;

/** null: the gateway has its key alone. @param key the API's @throws CliFailure USAGE */
export function sharedOf(flags: SharedFlags, key: string): GivenShared | null {
  const { share, seller } = flags;
  if (share === undefined) {
    const [stray] = (
      ["seller", "parts", "partPrice", "window", "ahead", "keepParts", "reserve", "deputy", "term"] as const
    ).filter((name) => flags[name] !== undefined);
    if (stray !== undefined) throw strayFlag(stray);
    return null;
  }
  // Its terms let one person use it: behind a shared key there are several owners (spec/gateway#G45).
  if (isSubscriptionCredential(key))
    throw usageFailure(
      "could not share the key",
      "it is a person's subscription (sk-ant-oat…), which its terms let nobody else use, and several owners would stand behind it",
      "share the key of an API account, or leave --share out and use the subscription alone",
    );
  if (!/^[\x21-\x7e]{1,64}$/.test(share))
    throw usageFailure(
      "could not take --share",
      "a name is 1 to 64 printable characters without blanks",
      "write it like --share key.team",
    );
  return {
    capability: share.toLowerCase(),
    seller: seller === undefined ? null : fromHex(seller)!,
    buying: seller === undefined ? null : { parts: partsOf(flags), price: priceOf(flags.partPrice) },
    windowMs: flags.window ?? USUAL_WINDOW_MS,
    ahead: flags.ahead ?? USUAL_AHEAD,
    kept: flags.keepParts ?? 0,
    reserve: flags.reserve === undefined ? LEAST_PRICE : positive("--reserve", flags.reserve),
    deputies: (flags.deputy ?? []).map((one) => fromHex(one)!),
    termMs: flags.term ?? null,
  };
}

function partsOf({ parts }: SharedFlags): number {
  if (parts !== undefined) return parts;
  throw usageFailure(
    NO_SHARE,
    "--parts does not say how much of each window it is to buy",
    `write it like --parts ${WINDOW_PARTS / 4}, of ${WINDOW_PARTS}`,
  );
}

const priceOf = (text: string | undefined): bigint =>
  text === undefined ? LEAST_PRICE * USUAL_PRICE : positive("--part-price", text);

function positive(flag: string, micro: string): bigint {
  const amount = BigInt(micro);
  if (amount > 0n) return amount;
  throw usageFailure(`could not take ${flag}`, "a part is worth something", "give at least 0.000001");
}

const strayFlag = (name: string): CliFailure =>
  usageFailure(
    NO_SHARE,
    `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} is of a key that several owners share, and --share names none`,
    "name it with --share, as its seller does, or leave that out",
  );
