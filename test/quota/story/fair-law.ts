// Of flows that wait none is served much more than another, by weight: at each instant, and from any to any other.
import type { Ask } from "../../../src/quota/index.js";
import { Broken } from "./law.js";
import type { Scene } from "./scene.js";

/** Of two flows of a band since both wait: by how much more one was served, the least, and the most. */
interface Apart {
  gap: number;
  least: number;
  most: number;
}

export class FairLaw {
  private readonly together = new Map<string, Apart>();
  private mostByWeight = 0;

  /** @param isExact nothing is estimated */
  constructor(
    private readonly scene: Scene,
    private readonly isExact: boolean,
  ) {}

  /** @param flows all there are */
  begun(one: Ask, cost: number, flows: Iterable<string>): void {
    this.mostByWeight = Math.max(this.mostByWeight, cost / one.weight);
    if (this.isExact) for (const flow of flows) if (flow !== one.flow) this.seePair(one, flow, cost);
  }

  restarted(): void {
    this.together.clear();
    this.mostByWeight = 0;
  }

  recalled(cost: number, weight: number): void {
    this.mostByWeight = Math.max(this.mostByWeight, cost / weight);
  }

  /** What the pool says of itself. */
  see({ gap, bound }: { readonly gap: number; readonly bound: number }): void {
    if (gap > bound) throw new Broken("fair", `${gap} > ${bound}`);
    const most = Math.ceil(this.mostByWeight) + this.scene.rules.memory.credit;
    if (this.isExact && bound > most + 7) throw new Broken("fair", `bound ${bound} > ${most}`);
  }

  private seePair(one: Ask, other: string, cost: number): void {
    const { band } = one;
    const pair = [other, one.flow].sort();
    const name = `${pair.join()} ${band}`;
    const waits = (flow: string) => this.scene.orderOf(flow, band).length > 0;
    if (waits(other)) {
      const seen = this.together.get(name) ?? { gap: 0, least: 0, most: 0 };
      this.together.set(name, seen);
      seen.gap += ((pair[0] === one.flow ? 1 : -1) * cost) / one.weight;
      seen.least = Math.min(seen.least, seen.gap);
      seen.most = Math.max(seen.most, seen.gap);
      const bound = 2 * (this.mostByWeight + this.scene.rules.memory.credit) + 10;
      const gap = seen.most - seen.least;
      if (gap > bound) throw new Broken("fair", `${name}: ${gap} > ${bound}`);
    }
    if (!waits(other) || !waits(one.flow)) this.together.delete(name);
  }
}
