// The phase of an upstream and of the agents that share its key, both by one clock that runs faster: in a process of its own.
import { setMaxListeners } from "node:events";
import type { Limit } from "../../../src/quota/index.js";
import { Random } from "../../lab/simulate/world/random.js";
import { type Clock, runningClock } from "../../upstream/clock.js";
import type { Visit } from "../../upstream/journal.js";
import { type Call, runOf } from "../../upstream/load.js";
import { plainRules, USUAL_KEY } from "../../upstream/rules.js";
import { startUpstream, type Upstream } from "../../upstream/upstream.js";
import type { CallRecord } from "../gateway/call-record.js";
import { work } from "../gateway/client.js";
import { CALL_FIELD, HttpDoor, type HttpPlace } from "../gateway/http-door.js";
import { type Outcome, outcomeOf } from "../gateway/outcome.js";
import { type Experiment, loadOf, paceOf } from "../gateway/virtual.js";

export interface WorldSize {
  readonly experiment: Experiment;
  readonly limits: readonly Limit[];
  /** how many ms of the experiment pass in a real one */
  readonly speed: number;
}

interface World extends WorldSize {
  readonly upstream: Upstream;
  readonly clock: Clock;
}

const MODEL = "gpt-upstream";

export async function open() {
  let world: World | null = null;

  return {
    jobs: {
      /** @returns the address of the upstream */
      async begin(size: WorldSize): Promise<{ readonly url: string; readonly key: string }> {
        const clock = runningClock(size.speed, Date.now());
        const plain = plainRules("openai", clock, size.experiment.seed, {});
        const limits = size.limits.map((one) => ({ ...one, ends: "refill" as const }));
        const customers = plain.customers.map((one) => ({ ...one, limits: { ...one.limits, limits } }));
        const pace = paceOf(size.experiment.scale);
        const upstream = await startUpstream({ ...plain, customers, pace });
        world = { ...size, upstream, clock };
        return { url: upstream.url, key: USUAL_KEY };
      },

      /** Lets the agents work, by a door, for as long as the experiment says. */
      async work(place: HttpPlace): Promise<Outcome> {
        if (world === null) throw new Error("no upstream has begun");
        const { experiment, limits, clock, upstream } = world;
        const { crowd, seed, warmUpMs, measuredMs } = experiment;
        const door = new HttpDoor(place, USUAL_KEY, MODEL);
        const records: CallRecord[] = [];
        const begunMs = clock.nowMs();
        const untilMs = begunMs + warmUpMs + measuredMs;
        const over = new AbortController();
        setMaxListeners(0, over.signal);
        const stage = {
          ...{ clock, door, records, untilMs },
          runOf: (conversation: number, run: number) => runOf(conversation, run, loadOf(experiment)),
          random: new Random(seed, "experiment"),
          over: over.signal,
          hasSaid: () => undefined,
        };
        const lanes = crowd.flatMap((member, at) =>
          Array.from({ length: member.lanes }, (_, lane) => work<Call>(stage, member, at, lane)),
        );
        const lost = Promise.all(lanes).then(() => undefined);
        await Promise.race([lost, clock.sleep(untilMs - clock.nowMs(), new AbortController().signal)]);
        over.abort();
        recall(upstream.journal.visits, door.records);
        const outcome = outcomeOf(crowd, limits, records, { fromMs: begunMs + warmUpMs, toMs: untilMs });
        lost.catch(() => undefined);
        await door.close();
        return outcome;
      },

      async end(): Promise<void> {
        await world?.upstream.close();
        world = null;
      },
    },
    close: async () => void (await world?.upstream.close()),
  };
}

/** What the upstream saw of each call. */
function recall(visits: readonly Visit[], records: ReadonlyMap<string, CallRecord>): void {
  for (const { headers, over, asked, atMs } of visits) {
    const record = records.get(String(headers[CALL_FIELD]));
    if (record === undefined || asked === null) continue;
    if (over.length > 0) record.refusedUpstream += 1;
    else {
      record.takenMs ??= atMs;
      record.counted = asked;
    }
  }
}
