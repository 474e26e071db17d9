// Rows: how state is written and read back. A key says what a row is; its value is canonical CBOR.
import {
  type Bytes,
  type Codec,
  type DecodeError,
  decode,
  encode,
  err,
  fromHex,
  ok,
  type Result,
  toHex,
} from "../base/index.js";
import { accountOfRow, accountRow, rowOfAccount } from "./account.js";
import { type Auction, auctionRow, commitRow } from "./auction.js";
import { clockRow } from "./clock.js";
import type { Ledger } from "./ledger.js";
import { MAX_ROW_BYTES } from "./limits.js";
import { congestionRow, granterRow, slash, totalsRow } from "./records.js";
import type { RowKey } from "./row-key.js";

/** Why a stored row cannot be read back: the store is damaged. */
export interface RowFault {
  readonly key: RowKey;
  readonly reason: string;
}

/** One kind of row: its value as the ledger has it now, and the way back. */
interface RowForm {
  value(ledger: Ledger, key: RowKey, parts: readonly string[]): Bytes | null;
  restore(ledger: Ledger, key: RowKey, parts: readonly string[], value: Bytes): DecodeError | null;
}

function form<T>(
  codec: Codec<T>,
  find: (ledger: Ledger, parts: readonly string[], key: RowKey) => T | null,
  put: (ledger: Ledger, parts: readonly string[], row: T, key: RowKey) => void,
): RowForm {
  return {
    value(ledger, key, parts) {
      const row = find(ledger, parts, key);
      return row === null ? null : encode(codec, row);
    },
    restore(ledger, key, parts, value) {
      const decoded = decode(codec, value, MAX_ROW_BYTES);
      if (!decoded.ok) return decoded.error;
      put(ledger, parts, decoded.value, key);
      return null;
    },
  };
}

const FORMS: Readonly<Record<string, { readonly key: RegExp; readonly form: RowForm }>> = {
  totals: {
    key: /^totals$/,
    form: form(
      totalsRow,
      (ledger) => ledger.totals,
      (ledger, _, row) => Object.assign(ledger.totals, row),
    ),
  },
  congestion: {
    key: /^congestion$/,
    form: form(
      congestionRow,
      (ledger) => ledger.congestion,
      (ledger, _, row) => Object.assign(ledger.congestion, row),
    ),
  },
  clock: {
    key: /^clock$/,
    form: form(
      clockRow,
      (ledger) => ledger.clock,
      (ledger, _, row) => Object.assign(ledger.clock, row),
    ),
  },
  account: {
    key: /^account\/[0-9a-f]{64}$/,
    form: form(
      accountRow,
      (ledger, [agent]) => {
        const account = ledger.accounts.get(agent!);
        return account === undefined ? null : rowOfAccount(account);
      },
      (ledger, [agent], row) => ledger.accounts.set(agent!, accountOfRow(fromHex(agent!)!, row)),
    ),
  },
  granter: {
    key: /^granter\/[0-9a-f]{64}$/,
    form: form(
      granterRow,
      (ledger, [agent]) => ledger.granters.get(agent!) ?? null,
      (ledger, [agent], row) => ledger.granters.set(agent!, { ...row }),
    ),
  },
  auction: {
    key: /^auction\/[0-9a-f]{64}$/,
    form: form(
      auctionRow,
      (ledger, [id]) => ledger.auctions.get(id!) ?? null,
      (ledger, [id], row) => restoreAuction(ledger, { ...row, id: fromHex(id!)! }),
    ),
  },
  commit: {
    key: /^commit\/[0-9a-f]{64}\/[0-9a-f]{64}$/,
    form: form(
      commitRow,
      (ledger, [auction, bidder]) => ledger.commits.get(auction!)?.get(bidder!) ?? null,
      (ledger, [auction, bidder], row) => {
        const commits = ledger.commits.get(auction!) ?? new Map();
        commits.set(bidder!, { ...row, bidder: fromHex(bidder!)! });
        ledger.commits.set(auction!, commits);
      },
    ),
  },
  slash: {
    key: /^slash\/[0-9a-f]{64}\/\d{1,16}\/\d{1,16}\/[AB]$/,
    form: form(
      slash,
      (ledger, _, key) => ledger.slashes.get(key) ?? null,
      (ledger, _, row, key) => ledger.slashes.set(key, row),
    ),
  },
};

function restoreAuction(ledger: Ledger, auction: Auction): void {
  ledger.auctions.set(toHex(auction.id), auction);
  ledger.track(auction);
}

/** A row's canonical value in the ledger's present state; null: there is no such row. */
export function rowValue(ledger: Ledger, key: RowKey): Bytes | null {
  const [kind, ...parts] = key.split("/");
  return FORMS[kind!]?.form.value(ledger, key, parts) ?? null;
}

/** Puts one stored row back into the ledger. */
export function restoreRow(ledger: Ledger, key: RowKey, value: Bytes): Result<null, RowFault> {
  const [kind, ...parts] = key.split("/");
  const known = Object.hasOwn(FORMS, kind!) ? FORMS[kind!]! : null;
  if (known === null || !known.key.test(key)) {
    return err({ key, reason: "no row has such a key" });
  }
  const fault = known.form.restore(ledger, key, parts, value);
  return fault === null
    ? ok(null)
    : err({ key, reason: `${fault.code} at ${fault.offset}: ${fault.detail}` });
}
