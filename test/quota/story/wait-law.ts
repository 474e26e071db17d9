// The causes of a wait sum to it.
import type { Waited } from "../../../src/quota/index.js";
import { Broken } from "./law.js";

/** @param ought how long it has waited, ms */
export function seeWait(
  { waited: { ms, byCause, whileOthers } }: Pick<Waited, "waited">,
  ought: number,
): void {
  const sum = ({ limit, width, pause }: typeof whileOthers) =>
    Object.values(limit).reduce((all, part) => all + part, width + pause);
  if (ms !== ought || sum(byCause) + byCause.turn !== ms)
    throw new Broken("wait", `${JSON.stringify(byCause)} is not ${ought}`);
  if (sum(whileOthers) !== byCause.turn) throw new Broken("wait", "others did not wait as long");
  const parts = [byCause.turn, ...Object.values(byCause.limit), ...Object.values(whileOthers.limit)];
  if (parts.some((part) => part < 0)) throw new Broken("wait", "time goes back");
}
