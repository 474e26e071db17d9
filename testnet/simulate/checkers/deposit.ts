// deposit: what is held for an auction's rows comes back when they are forgotten, and burns with VOID (ADR 0028).
import { type Hex, toHex } from "../../../src/base/index.js";
import type { Network } from "../../../src/ledger/index.js";
import type { Params } from "../../../src/ledger/params.js";
import { type DepositRates, depositFor } from "../../checks/deposit.js";
import { mostExecuted } from "./accounts.js";
import type { Checker, Trial } from "./checker.js";
import type { Chronicle } from "./chronicle.js";
import { type Offer, offersOf } from "./offers.js";

export type DepositTerms = DepositRates & Pick<Params, "retainMs">;

/** An entry forgets so many rows at least that what is due has gone so many entries later. */
const ENTRIES_TO_FORGET = 10;
export function depositChecker(
  trial: Trial,
  chronicle: Chronicle,
  network: Network,
  terms: DepositTerms,
): Checker {
  return {
    ended() {
      const executed = mostExecuted(trial, chronicle);
      if (executed === null) return;
      const held = rangesAt(executed.height);
      for (const { agent, deposits } of executed.accounts) {
        const { least, most } = held.get(agent) ?? { least: 0n, most: 0n };
        if (deposits >= least && deposits <= most) continue;
        trial.report(
          "deposit",
          `at height ${executed.height} ${agent.slice(0, 8)} has ${deposits} in deposits; the log holds ${least} to ${most}`,
        );
      }
    },
  };

  function rangesAt(height: number): ReadonlyMap<Hex, { readonly least: bigint; readonly most: bigint }> {
    const ranges = new Map<Hex, { least: bigint; most: bigint }>();
    const gone = leftTheState();
    for (const offer of offersOf(chronicle, network)) {
      if (offer.height > height || gone.has(offer.id)) continue;
      const seller = toHex(offer.seller);
      const range = ranges.get(seller) ?? { least: 0n, most: 0n };
      ranges.set(seller, range);
      const fate = fateOf(offer, height);
      const createdMs = chronicle.steps()[offer.height - 1]!.timeMs;
      const deposit = depositFor(offer.terms, createdMs, terms);
      if (fate !== "forgotten") range.most += deposit;
      if (fate === "kept") range.least += deposit;
    }
    return ranges;
  }

  /** Called off, or void: their deposits are not held any more, whatever is kept of them. */
  function leftTheState(): ReadonlySet<Hex> {
    const cancelled = chronicle
      .operations()
      .flatMap(({ operation: { body }, isRefused }) =>
        body.kind === "cancel" && !isRefused ? [toHex(body.auction)] : [],
      );
    const lapsed = chronicle
      .told()
      .flatMap(({ notices }) => notices)
      .flatMap((notice) =>
        notice.kind === "auctionSettled" && notice.outcome === "void" ? [toHex(notice.auction)] : [],
      );
    return new Set([...cancelled, ...lapsed]);
  }

  /** Rows go with the first entry that comes `retainMs` after the end, or a little later when many are due. */
  function fateOf({ course: { ended } }: Offer, height: number): "kept" | "due" | "forgotten" {
    const steps = chronicle.steps();
    if (ended === undefined || ended > height) return "kept";
    const dueMs = steps[ended - 1]!.timeMs + terms.retainMs;
    if (dueMs > steps[height - 1]!.timeMs) return "kept";
    const earlier = steps[height - 1 - ENTRIES_TO_FORGET];
    return earlier !== undefined && dueMs <= earlier.timeMs ? "forgotten" : "due";
  }
}
