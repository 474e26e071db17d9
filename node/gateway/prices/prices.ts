// What models cost: by a list of the owner's, by the snapshot that comes with the gateway, or like the dearest of the dialect's.
import type { DialectName } from "../dialect.js";
import { canonicalModel, modelKey } from "./model-name.js";
import { pricesIn, type RowFault } from "./price-rows.js";
import type { Price } from "./rates.js";
import { SNAPSHOT } from "./snapshot.js";

/** A model that no list names. */
export interface UnlistedModel {
  readonly model: string;
  /** the model whose price it is given */
  readonly pricedAs: string;
}

/** Names of unlisted models that are told, and remembered as told. */
const MOST_TOLD = 256;
/** Names whose prices are remembered as found: each request asks for the same few, several times. */
const MOST_FOUND = 256;

export class Prices {
  /** of the snapshot: `2026-09-23` */
  readonly date = SNAPSHOT.date;
  private readonly lists: readonly Listed[];
  private readonly usual: ReadonlyMap<DialectName, Price>;
  private readonly told = new Set<string>();
  private readonly found = new Map<string, Price | null>();

  /**
   * @param own the owner's list, which goes before the snapshot's
   * @param unlisted told once of each name that is priced like another, up to `MOST_TOLD` names
   */
  constructor(
    own: readonly Price[] = [],
    private readonly unlisted: (found: UnlistedModel) => void = () => undefined,
  ) {
    const snapshot = snapshotPrices();
    this.lists = [new Listed(own), new Listed(snapshot)];
    const usual = Object.entries(SNAPSHOT.usual) as [DialectName, string][];
    this.usual = new Map(usual.map(([dialect, model]) => [dialect, this.listed(model)!]));
  }

  /**
   * What a model costs.
   * @param names of the model, the best first: as the answer names it, as the request did. None is listed: the dialect's usual price
   */
  priceOf(names: readonly (string | null)[], dialect: DialectName): Price {
    const given = names.filter((name) => name !== null);
    for (const name of given) {
      const price = this.listed(name);
      if (price !== null) return price;
    }
    const usual = this.usual.get(dialect)!;
    if (given[0] !== undefined) this.tell(canonicalModel(given[0]), usual.model);
    return { ...usual, isListed: false };
  }

  /** null: no list names it. */
  listed(name: string): Price | null {
    const known = this.found.get(name);
    if (known !== undefined) return known;
    const price = this.find(name);
    if (this.found.size >= MOST_FOUND) this.found.clear();
    this.found.set(name, price);
    return price;
  }

  private find(name: string): Price | null {
    for (const list of this.lists) {
      const price = list.find(name);
      if (price !== null) return price;
    }
    return null;
  }

  private tell(model: string, pricedAs: string): void {
    if (this.told.has(model) || this.told.size >= MOST_TOLD) return;
    this.told.add(model);
    this.unlisted({ model, pricedAs });
  }
}

/** One list: a name as it stands there, or what names of one model have in common. */
class Listed {
  private readonly byName = new Map<string, Price>();
  private readonly byKey = new Map<string, Price>();

  constructor(prices: readonly Price[]) {
    for (const price of prices) this.byName.set(price.model.toLowerCase(), price);
    for (const price of prices) {
      const key = modelKey(price.model);
      const before = this.byKey.get(key);
      if (before === undefined || isPlainer(price.model, before.model)) this.byKey.set(key, price);
    }
  }

  find(name: string): Price | null {
    return this.byName.get(name.toLowerCase()) ?? this.byKey.get(modelKey(name)) ?? null;
  }
}

/** Of several rows for one model that one counts which says least about place and day. */
const isPlainer = (one: string, other: string): boolean =>
  one.length < other.length || (one.length === other.length && one < other);

function snapshotPrices(): readonly Price[] {
  const prices = pricesIn(SNAPSHOT.models);
  if (isFault(prices)) throw new Error(`the snapshot of prices is broken: ${prices.model} ${prices.field}`);
  return prices;
}

export const isFault = (read: readonly Price[] | RowFault): read is RowFault => !Array.isArray(read);
