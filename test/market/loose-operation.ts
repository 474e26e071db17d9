// The encoding of operations with one bound left out: what a reader would take who had missed it.
import {
  amount,
  ascii,
  bytes,
  type Codec,
  compareBytes,
  fixed,
  hash,
  instant,
  lawful,
  list,
  oneOf,
  optional,
  signature,
  struct,
  uint,
  union,
  word,
} from "../../src/base/index.js";
import { agentId, authority } from "../../src/ledger/index.js";
import {
  formatTerms,
  MAX_OPERATION_EVIDENCE_BYTES,
  provesItself,
  RECOVERY_BYTES,
} from "../../src/market/index.js";
import { offeredBudget } from "../../src/market/money/consent.js";

/** Every bound on a field of an operation that its encoding alone shows. */
export const BOUNDS = [
  "capability's length",
  "capability's characters",
  "units",
  "lot's times",
  "lot's order",
  "lockups positive",
  "lockups ascending",
  "lockups present",
  "lockups' number",
  "opening's time",
  "commit window",
  "reveal window",
  "format",
  "direction",
  "purchase's reserve",
  "who hides a reserve",
  "standing's weight",
  "who weighs standing",
  "time to look",
  "who declares a value",
  "bid's units",
  "juror's share",
  "hold's end",
  "deputies ascending",
  "deputies' number",
  "recovery's length",
  "bid's salt",
  "reserve's salt",
  "evidence's length",
  "signature's length",
  "authority and signature",
] as const;
export type Bound = (typeof BOUNDS)[number];

const ANY_BYTES = bytes(1024 * 1024);

/** With one that no row of `FORMATS` is of. */
const ANY_FORMAT = union({ vickrey: [0, struct({})], other: [255, struct({})] });

/** @param missed null: none, the very encoding of operations */
export function looseOperation(missed: Bound | null): Codec<unknown> {
  const unless = <T>(bound: Bound, strict: T, loose: T): T => (missed === bound ? loose : strict);
  const law = <T>(bound: Bound, codec: Codec<T>, holds: (value: T) => boolean): Codec<T> =>
    missed === bound ? codec : lawful(codec, holds, bound);
  const from = (bound: Bound) => uint(undefined, unless(bound, 1, 0));
  const time = unless<Codec<number>>("lot's times", instant, uint());
  const name = ascii(unless("capability's length", 64, 1000));
  const capability = unless("capability's characters", word(unless("capability's length", 64, 1000)), name);
  const lot = law(
    "lot's order",
    struct({
      capability: [0, capability],
      units: [1, from("units")],
      fromMs: [2, optional(time)],
      toMs: [3, optional(time)],
    }),
    ({ fromMs, toMs }) => fromMs === null || toMs === null || fromMs < toMs,
  );
  const amounts = list(amount, unless("lockups' number", 8, 100), unless("lockups present", 1, 0));
  const lockups = law(
    "lockups ascending",
    law("lockups positive", amounts, (all) => all.every((one) => one > 0n)),
    (all) => all.every((one, i) => i === 0 || one > all[i - 1]!),
  );
  const anyTerms = struct({
    format: [0, unless<Codec<unknown>>("format", formatTerms, ANY_FORMAT)],
    direction: [1, oneOf(unless("direction", ["sell", "buy"], ["sell", "buy", "other"]))],
    lot: [2, lot],
    reserve: [3, amount],
    lockups: [4, lockups],
    openMs: [5, unless<Codec<number>>("opening's time", instant, uint())],
    commitMs: [6, from("commit window")],
    revealMs: [7, from("reveal window")],
    bond: [8, amount],
    reserveHash: [9, optional(hash)],
    standingWeight: [10, optional(unless("standing's weight", uint(10_000, 1), uint()))],
    deliverMs: [11, uint()],
    settleMs: [12, uint()],
    value: [13, optional(amount)],
  });
  const isWhole = ({ format }: { format: unknown }): boolean =>
    (format as { kind: string }).kind !== "uniform";
  const priced = law("purchase's reserve", anyTerms, (one) => one.direction !== "buy" || one.reserve > 0n);
  const hiding = law(
    "who hides a reserve",
    priced,
    (one) => one.reserveHash === null || (one.direction !== "buy" && isWhole(one)),
  );
  const weighing = law(
    "who weighs standing",
    hiding,
    (one) => one.standingWeight === null || (one.direction === "buy" && isWhole(one)),
  );
  const looking = law("time to look", weighing, (one) => one.deliverMs > 0 === one.settleMs > 0);
  const terms = law("who declares a value", looking, (one) => {
    const declares = one.direction === "sell" && one.deliverMs > 0 && !isWhole(one);
    return (one.value !== null) === declares;
  });
  const sized = (bound: Bound, length: number) => unless(bound, fixed(length), ANY_BYTES);
  const money = struct({ to: [0, agentId], amount: [1, amount] });
  const bid = struct({ amount: [0, amount], units: [1, optional(from("bid's units"))] });
  const share = unless("juror's share", uint(10_000, 1), uint());
  const holdsUntil = unless<Codec<number>>("hold's end", instant, uint());
  const deputies = law("deputies ascending", list(agentId, unless("deputies' number", 4, 100)), (all) =>
    all.every((one, i) => i === 0 || compareBytes(all[i - 1]!, one) < 0),
  );
  const body = union({
    transfer: [0, money],
    grant: [1, struct({ to: [0, agentId], free: [1, amount], stake: [2, amount] })],
    createAuction: [2, terms],
    cancel: [3, struct({ auction: [0, hash] })],
    commit: [
      4,
      struct({
        auction: [0, hash],
        commitment: [1, hash],
        lockup: [2, amount],
        recovery: [3, sized("recovery's length", RECOVERY_BYTES)],
      }),
    ],
    reveal: [
      5,
      struct({ auction: [0, hash], bidder: [1, agentId], bid: [2, bid], salt: [3, sized("bid's salt", 32)] }),
    ],
    openReserve: [
      6,
      struct({ auction: [0, hash], reserve: [1, amount], salt: [2, sized("reserve's salt", 32)] }),
    ],
    evidence: [
      7,
      struct({ evidence: [0, unless("evidence's length", bytes(MAX_OPERATION_EVIDENCE_BYTES), ANY_BYTES)] }),
    ],
    bond: [8, struct({ amount: [0, amount] })],
    unbond: [9, struct({ amount: [0, amount] })],
    deliver: [10, struct({ trade: [0, hash], hash: [1, hash] })],
    accept: [11, struct({ trade: [0, hash] })],
    fail: [12, struct({ trade: [0, hash] })],
    dispute: [13, struct({ trade: [0, hash], evidence: [1, hash], bond: [2, amount] })],
    verdict: [14, struct({ trade: [0, hash], share: [1, optional(share)] })],
    openBudget: [15, offeredBudget],
    closeBudget: [16, struct({ child: [0, agentId] })],
    hold: [
      17,
      struct({
        auction: [0, hash],
        owner: [1, agentId],
        untilMs: [2, holdsUntil],
        deputies: [3, optional(deputies)],
      }),
    ],
    usage: [18, struct({ auction: [0, hash], owner: [1, agentId], used: [2, uint()], lent: [3, uint()] })],
  });
  return law(
    "authority and signature",
    struct({
      v: [0, uint(1, 1)],
      chain: [1, hash],
      market: [2, hash],
      authority: [3, optional(authority)],
      body: [4, body],
      sig: [5, optional(unless("signature's length", signature, ANY_BYTES))],
    }),
    (op) => {
      const proves = provesItself(op.body.kind);
      return (op.authority === null) === proves && (op.sig === null) === proves;
    },
  ) as Codec<unknown>;
}
