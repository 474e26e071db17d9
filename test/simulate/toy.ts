// A toy machine for the tests of the simulated world: it counts what it hears, durably, before it says so.
import { type Bytes, EMPTY, ZERO_HASH } from "../../src/base/index.js";
import type { Event } from "../../src/peer/event.js";
import type { Notice, Outgoing, Ready, Write } from "../../src/peer/ready.js";
import type { QuorumMessage } from "../../src/quorum/index.js";
import { NO_BUDGETS } from "../../testnet/lab/checks/budget-books.js";
import type { Boot, Machine, Process } from "../../testnet/lab/simulate/machine.js";

export const say = (...bytes: number[]): QuorumMessage => ({ kind: "op", op: Uint8Array.from(bytes) });

export interface ToyOptions {
  /** ms between ticks in which it speaks to all members */
  readonly everyMs?: number;
  readonly onEvent?: (event: Event) => void;
}

/** Its rows are the messages it heard; its height is their number. */
export function toyBoot(options: ToyOptions = {}): Boot {
  return (rows, guard, _isNew, process) => toyMachine(options, new Map(rows), guard, process);
}

function toyMachine(
  options: ToyOptions,
  rows: Map<string, Bytes>,
  guard: Bytes | null,
  process: Process,
): Machine {
  let spoken = guard === null ? 0 : guard[0]!;
  const everyMs = options.everyMs ?? 100;
  return {
    step(event): Ready {
      options.onEvent?.(event);
      const persist: Write[] = [];
      const send: Outgoing[] = [];
      const notify: Notice[] = [];
      if (event.kind === "tick" && spoken < 255) {
        spoken++;
        persist.push({ kind: "guard", record: Uint8Array.of(spoken) });
        persist.push({ kind: "put", key: "spoken", value: Uint8Array.of(spoken) });
        send.push({ to: "members", message: say(spoken) });
      }
      if (event.kind === "message" && event.message.kind === "op") {
        const key = `heard/${event.from}/${event.message.op[0]}`;
        if (!rows.has(key)) {
          rows.set(key, EMPTY);
          persist.push({ kind: "put", key, value: EMPTY });
          notify.push(entryNotice(this.height));
        }
      }
      return { persist, send, wakeAt: event.nowMs + everyMs, notify };
    },
    receive({ from, bytes }, settle) {
      settle(true);
      process.offer({ kind: "message", from, seat: null, message: say(...bytes) }, bytes.length);
    },
    reads: () => true,
    published: () => {},
    nextNonce: () => null,
    trades: () => [],
    budgets: () => NO_BUDGETS,
    told: () => {},
    get height() {
      return [...rows.keys()].filter((key) => key.startsWith("heard/")).length;
    },
    accounts: () => [],
    root: () => ZERO_HASH,
    books: () => ({ minted: 0n, holdings: [] }),
    untouched: () => [],
    convicted: () => [],
  };
}

export const entryNotice = (height: number, id: Bytes = ZERO_HASH): Notice => ({
  kind: "entry",
  height,
  id,
  term: height,
  leader: 0,
  timeMs: height,
  operations: 0,
});
