// A band that waits has its part of what is served above it, and while a higher one waits not more.
import { BANDS } from "../../../src/quota/bands.js";
import type { Band } from "../../../src/quota/index.js";
import { Broken } from "./law.js";
import { type Scene, WHOLE_BP } from "./scene.js";

/** Of a band since something of it waits: costs. */
interface Served {
  /** what bands above it were */
  above: number;
  /** what itself was */
  own: number;
  /** of that, while a higher one waited */
  beforeHigher: number;
}

export class FloorLaw {
  private readonly served = new Map<Band, Served>();
  private mostCost = 0;

  constructor(private readonly scene: Scene) {}

  asked(cost: number): void {
    this.mostCost = Math.max(this.mostCost, cost);
  }

  restarted(): void {
    this.served.clear();
  }

  /** To be told before who is begun is taken from those that wait. */
  begun(band: Band, cost: number): void {
    const { scene } = this;
    const at = BANDS.indexOf(band);
    const isBeforeHigher = BANDS.slice(0, at).some((one) => scene.waitsIn(one) > 0);
    BANDS.forEach((below, place) => {
      const left = scene.waitsIn(below) - (below === band ? 1 : 0);
      const one = this.served.get(below) ?? { above: 0, own: 0, beforeHigher: 0 };
      if (below === band) one.own += cost;
      if (below === band && isBeforeHigher) one.beforeHigher += cost;
      if (left > 0 && place > at) one.above += cost;
      this.see(below, left > 0 ? one : { ...one, above: 0, own: 0, beforeHigher: 0 });
      if (left > 0) this.served.set(below, one);
      else this.served.delete(below);
    });
  }

  private see(band: Band, { above, own, beforeHigher }: Served): void {
    const part = (above * this.scene.rules.floorBp) / WHOLE_BP;
    if (beforeHigher > part + 1) throw new Broken("floor", `${band} has ${beforeHigher} of ${part}`);
    if (own < part - 2 * this.mostCost) throw new Broken("floor", `${band} has only ${own} of ${part}`);
  }
}
