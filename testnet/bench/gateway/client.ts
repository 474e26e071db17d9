// An agent's client as the official ones behave: two repetitions, by what it is told or by its own back-off (docs/spec/clients.md).
import type { Random } from "../../lab/simulate/world/random.js";
import type { Clock } from "../../upstream/clock.js";
import type { CallFigures } from "../../upstream/load.js";
import { type CallRecord, newRecord } from "./call-record.js";
import type { Member } from "./crowd.js";
import type { Door, Reply } from "./door.js";

export const REPETITIONS = 2;
export const PATIENCE_MS = 600_000;
const FIRST_PAUSE_MS = 500;
const MOST_PAUSE_MS = 8_000;
/** At most so much of a pause is left out, by chance. */
const JITTER = 0.25;
/** Lanes of two agents draw their conversations from streams apart. */
const MOST_LANES = 1_000;

export interface Stage<Call extends CallFigures> {
  readonly clock: Clock;
  readonly door: Door<Call>;
  /** what is said in a conversation, the same each time */
  readonly runOf: (conversation: number, run: number) => Iterable<Call>;
  readonly records: CallRecord[];
  readonly random: Random;
  /** it is over: nobody waits any more */
  readonly over: AbortSignal;
  /** a conversation was begun before the experiment: told of its last call */
  readonly hasSaid: (lane: Conversation, call: CallFigures) => void;
  /** nobody begins a call after it */
  readonly untilMs: number;
}

/** One lane: call after call, run after run. It begins somewhere in its first run, as a lane is found that has worked for a while. */
export async function work<Call extends CallFigures>(
  stage: Stage<Call>,
  member: Member,
  at: number,
  lane: number,
): Promise<void> {
  const { clock } = stage;
  const id = at * MOST_LANES + lane;
  const random = stage.random.branch(`client/${id}`);
  let skipped = Math.floor(random.unit() * [...stage.runOf(id, 1)].length);
  for (let run = 1; ; run++) {
    for (const call of stage.runOf(id, run)) {
      if (skipped > 0) {
        skipped -= 1;
        if (skipped === 0) stage.hasSaid({ member, lane }, call);
        continue;
      }
      await clock.sleep(call.pauseMs, stage.over);
      if (clock.nowMs() >= stage.untilMs) return;
      if (!(await ask(stage, { member, at, lane, call }, random))) break;
    }
  }
}

/** Whose it is, and which of its lanes. */
export interface Conversation {
  readonly member: Member;
  readonly lane: number;
}

interface Asker<Call extends CallFigures> extends Conversation {
  readonly at: number;
  readonly call: Call;
}

/** @returns whether the run goes on: it ends with a call that comes to nothing */
async function ask<Call extends CallFigures>(
  stage: Stage<Call>,
  { member, at, lane, call }: Asker<Call>,
  random: Random,
): Promise<boolean> {
  const { clock, door, records } = stage;
  const record = newRecord(at, call.nth === call.of, clock.nowMs());
  records.push(record);
  let reply: Reply = { kind: "error" };
  for (let repeated = 0; repeated <= REPETITIONS; repeated++) {
    const id = `${at}/${lane}/${call.run}/${call.nth}/${repeated}`;
    const untilMs = clock.nowMs() + PATIENCE_MS;
    reply = await door.knock({ id, member, lane, call, record, repeated, untilMs });
    if (reply.kind !== "refused") break;
    record.refusedToClient += 1;
    if (repeated < REPETITIONS) await clock.sleep(reply.retryMs ?? backOff(repeated, random), stage.over);
  }
  record.endMs = clock.nowMs();
  record.end = reply.kind === "answered" ? "answered" : "failed";
  return record.end === "answered";
}

export const backOff = (repeated: number, random: Random): number =>
  Math.min(FIRST_PAUSE_MS * 2 ** repeated, MOST_PAUSE_MS) * (1 - JITTER * random.unit());
