// The parts of a driver under test: a scripted machine, and one history of all that store, transport and ears were told.
import { pino } from "pino";
import { Driver, type Incoming, type Machine } from "../../node/driver.js";
import { utf8 } from "../../src/base/index.js";
import type { Event } from "../../src/peer/event.js";
import type { Notice, Outgoing, Ready, Write } from "../../src/peer/ready.js";

export const silent = pino({ level: "silent" });

/** A step that answers nothing, with what is given put over it. */
export const ready = (part: Partial<Ready> = {}): Ready => ({
  persist: [],
  send: [],
  wakeAt: null,
  notify: [],
  ...part,
});

/** An event that carries a name, and how that name is read back. */
export const named = (name: string, from = "p", seat: number | null = 0): Incoming => ({
  kind: "message",
  from,
  seat,
  message: { kind: "op", op: utf8(name) },
});
export const nameOf = (event: Event): string =>
  event.kind === "message" && event.message.kind === "op"
    ? new TextDecoder().decode(event.message.op)
    : event.kind;

export const row = (name: string): Write => ({ kind: "put", key: name, value: utf8(name) });
export const mark = (name: string): Write => ({ kind: "guard", record: utf8(name) });
export const say = (name: string): Outgoing => ({ to: "topic", topic: "ops", bytes: utf8(name) });
export const tell = (name: string): Notice => ({
  kind: "operationRefused",
  height: 1,
  operation: utf8(name),
  code: name,
});

export const textOf = (write: Write): string =>
  write.kind === "guard" ? `!${new TextDecoder().decode(write.record)}` : write.key;

export interface Rig {
  readonly driver: Driver;
  /** `step x`, `begin a,b`, `durable a,b`, `send x`, `tell x`, in the order in which they happened */
  readonly history: string[];
  /** ends the oldest write under way, well or badly; only with `byHand` */
  finishWrite(error?: Error): void;
  readonly writesUnderWay: () => number;
}

export interface RigOptions {
  /** writes stay under way until `finishWrite` */
  readonly byHand?: boolean;
  readonly nowMs?: () => number;
  readonly onSend?: (outgoing: readonly Outgoing[]) => void;
}

export function rig(step: Machine["step"], options: RigOptions = {}): Rig {
  const history: string[] = [];
  const underWay: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const driver = new Driver({
    machine: {
      step(event) {
        history.push(`step ${nameOf(event)}`);
        return step(event);
      },
    },
    store: {
      async write(writes) {
        const names = writes.map(textOf).join(",");
        history.push(`begin ${names}`);
        if (options.byHand) await new Promise<void>((resolve, reject) => underWay.push({ resolve, reject }));
        else await Promise.resolve();
        history.push(`durable ${names}`);
      },
    },
    transport: {
      send(outgoing) {
        options.onSend?.(outgoing);
        for (const one of outgoing)
          if (one.to === "topic") history.push(`send ${new TextDecoder().decode(one.bytes)}`);
      },
    },
    nowMs: options.nowMs ?? (() => 1000),
    log: silent,
  });
  driver.onNotice((notice) => {
    if (notice.kind === "operationRefused") history.push(`tell ${notice.code}`);
  });
  return {
    driver,
    history,
    finishWrite(error) {
      const write = underWay.shift();
      if (write === undefined) throw new Error("no write is under way");
      if (error === undefined) write.resolve();
      else write.reject(error);
    },
    writesUnderWay: () => underWay.length,
  };
}

/** Lets everything that can happen without a timer happen. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}
