// What a flow is said to be granted is what it was charged, and what is lent is borrowed.
import type { Evidence } from "../../../src/quota/index.js";
import { Broken } from "./law.js";

export class EvidenceLaw {
  private readonly costs = new Map<string, number>();

  charged(flow: string, cost: number): void {
    this.costs.set(flow, (this.costs.get(flow) ?? 0) + cost);
  }

  restarted(): void {
    this.costs.clear();
  }

  see(flows: Iterable<string>, evidenceOf: (flow: string) => Evidence): void {
    let balance = 0;
    for (const flow of flows) {
      const cost = this.costs.get(flow) ?? 0;
      const { granted, lent, borrowed } = evidenceOf(flow);
      if (granted !== cost) throw new Broken("evidence", `${flow} ${granted} instead of ${cost}`);
      balance += lent - borrowed;
    }
    if (balance !== 0) throw new Broken("evidence", `${balance} lent to nobody`);
  }
}
