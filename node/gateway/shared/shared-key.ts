// A key that gateways of several owners share: their parts follow from leases on the log, and what one leaves it lends to the others.
import { type Hex, toHex } from "../../../src/base/index.js";
import { holderOf, type Lease, leasesNow, partsOf, usableUntilMs } from "../../../src/market/index.js";
import type { Pools } from "../pools.js";
import { LeaseKeeper } from "./lease-keeper.js";
import type { PeerSide } from "./peer-side.js";
import type { QuotaLinks } from "./quota-links.js";
import type { SharedTerms } from "./shared-terms.js";
import { WindowMarket } from "./window-market.js";
import { type RefusedWish, Wishes } from "./wishes.js";

/** How often leases are looked at: within so long a window that begins is used. */
const LOOK_MS = 50;

/** Between two windows a gateway has no parts for as long as clocks may be apart: nobody needs to hear of that. */
const SETTLED_MS = 1_000;

/** What happens to a shared key, for its owner to know. */
export type SharedEvent =
  /** its part is another now; until when it is sure of it, by this machine's clock, null: it has none */
  | { readonly kind: "parts"; readonly parts: number; readonly untilMs: number | null }
  /** the ledger does not take what the gateway wished: told once of each code */
  | ({ readonly kind: "wishRefused" } & RefusedWish)
  | { readonly kind: "accident"; readonly error: unknown };

export class SharedKey {
  private readonly keeper: LeaseKeeper;
  private readonly market: WindowMarket;
  private readonly timer: NodeJS.Timeout;
  private readonly toldCodes = new Set<string>();
  private toldParts = 0;
  private lookedParts = 0;
  /** since when it has these parts */
  private lookedMs = 0;
  private others = "";

  constructor(
    readonly terms: SharedTerms,
    private readonly side: PeerSide,
    private readonly pools: Pools,
    private readonly links: QuotaLinks,
    private readonly tell: (event: SharedEvent) => void,
  ) {
    const wishes = new Wishes(
      side,
      (refused) => this.refused(refused),
      (error) => tell({ kind: "accident", error }),
    );
    this.keeper = new LeaseKeeper(terms, side, pools, wishes, (owner) => links.isHeard(toHex(owner)));
    this.market = new WindowMarket(terms, side, wishes);
    this.timer = setInterval(() => this.look(), LOOK_MS);
    this.look();
  }

  /** Its leases and those of all others in the window that counts now. */
  get window(): readonly Lease[] {
    return leasesNow(this.side.state.ledger, this.terms.shared, this.side.nowMs());
  }

  get agent(): Hex {
    return toHex(this.side.agent);
  }

  /** Of 1,000, that are its now. */
  get parts(): number {
    return partsOf(this.keeper.used);
  }

  /** Whether a holder's gateway has said something of late, or is this one. */
  isHeard(holder: Hex): boolean {
    return holder === this.agent || this.links.isHeard(holder);
  }

  close(): void {
    clearInterval(this.timer);
    this.links.close();
  }

  private look(): void {
    try {
      this.keeper.look();
      this.market.look();
      this.meetOthers();
      this.tellParts();
    } catch (error) {
      this.tell({ kind: "accident", error });
    }
  }

  /** Who holds other leases of the window may be asked for loans, and asks. */
  private meetOthers(): void {
    const others = new Map<Hex, number>();
    const owners = new Set<Hex>();
    for (const { owner, row, units } of this.window) {
      if (toHex(owner) !== this.agent) owners.add(toHex(owner));
      const holder = toHex(holderOf(row).agent);
      if (holder !== this.agent) others.set(holder, (others.get(holder) ?? 0) + units);
    }
    const names = JSON.stringify([...others, ...owners]);
    if (names === this.others) return;
    this.others = names;
    this.links.meet([...others.keys()], [...owners]);
    this.pools.share({ self: this.agent, others }, (gateway, pool, message) =>
      this.links.tell(gateway, pool, message),
    );
  }

  private tellParts(): void {
    const { used } = this.keeper;
    const parts = partsOf(used);
    if (parts !== this.lookedParts) {
      this.lookedParts = parts;
      this.lookedMs = this.side.nowMs();
    }
    if (parts === this.toldParts || this.side.nowMs() - this.lookedMs < SETTLED_MS) return;
    this.toldParts = parts;
    const { params } = this.side.state.ledger;
    const untilMs = used.length === 0 ? null : Math.min(...used.map((one) => usableUntilMs(one, params)));
    this.tell({ kind: "parts", parts, untilMs });
  }

  private refused(refused: RefusedWish): void {
    const { code } = refused.refusal;
    if (this.toldCodes.has(code)) return;
    this.toldCodes.add(code);
    this.tell({ kind: "wishRefused", ...refused });
  }
}
