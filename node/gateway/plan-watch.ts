// A subscription behind the key: how much of its windows is used, as each answer's fields tell it.
import type { Plan } from "./dialect.js";

const WHOLE_BP = 10_000;
/** Its owner is told each time so much more is used. */
const STEPS_BP = [5_000, 8_500, 9_500, WHOLE_BP];

export class PlanWatch {
  private last: Plan | null = null;

  constructor(private readonly told: (plan: Plan) => void) {}

  /** As it was told last; null: nothing speaks of a subscription. */
  get plan(): Plan | null {
    return this.last;
  }

  /** @param plan null: an answer that says nothing of it */
  see(plan: Plan | null): void {
    if (plan === null) return;
    const before = this.last;
    this.last = plan;
    const isNews =
      before === null ||
      before.isRejected !== plan.isRejected ||
      before.claim !== plan.claim ||
      stepOf(before) !== stepOf(plan);
    if (isNews) this.told(plan);
  }
}

const stepOf = ({ usedBp }: Plan): number => STEPS_BP.filter((step) => (usedBp ?? 0) >= step).length;
