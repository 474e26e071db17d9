// What waits to be stepped: four bounded lanes, the more urgent first, none of them starved.
import { invariant } from "../../src/base/index.js";
import type { Event } from "../../src/peer/event.js";
import { MAX_FRAME_BYTES } from "../../src/quorum/index.js";

/** An event before the driver has put the time on it. */
export type Untimed<E> = E extends Event ? Omit<E, "nowMs"> : never;
/** One that waits: by itself. */
export type UntimedEvent = Untimed<Exclude<Event, { readonly kind: "together" }>>;

/**
 * - `own`: the start, and the peer's own alarm
 * - `member`: what the members of the quorum say
 * - `peer`: what anybody else says, and new connections
 * - `proven`: operations of others that prove themselves, which the state bounds: reveals, of which the time runs out, and
 *   evidence
 * - `command`: wishes of the person or program that owns the peer
 * - `operation`: operations of others, from gossip
 */
export const LANES = ["own", "member", "peer", "proven", "command", "operation"] as const;
export type Lane = (typeof LANES)[number];

/** What is under way comes from the other lanes: it is stepped before more is begun. */
const NEW_WORK: ReadonlySet<Lane> = new Set(["proven", "command", "operation"]);

/** What a lane holds at most, in all and from one connection; the rest is dropped, and counted. */
export interface LaneLimit {
  readonly events: number;
  readonly eventsPerSource: number;
  readonly bytes: number;
  readonly bytesPerSource: number;
}

const MIB = 1024 * 1024;

/**
 * The newest is dropped, for what waits is older and mostly what the newer rests on. The protocol repeats what matters
 * (R8, the outbox, catch-up), so a drop costs time and never truth. One connection gets a share, or a single loud
 * member would decide what is heard of the others.
 */
export const LANE_LIMITS: Readonly<Record<Lane, LaneLimit>> = {
  own: { events: 2, eventsPerSource: 2, bytes: MIB, bytesPerSource: MIB },
  member: { events: 8192, eventsPerSource: 1024, bytes: 64 * MIB, bytesPerSource: 8 * MIB },
  peer: { events: 1024, eventsPerSource: 64, bytes: 16 * MIB, bytesPerSource: 4 * MIB },
  command: { events: 256, eventsPerSource: 256, bytes: 16 * MIB, bytesPerSource: 16 * MIB },
  proven: { events: 4096, eventsPerSource: 1024, bytes: 16 * MIB, bytesPerSource: 4 * MIB },
  operation: { events: 4096, eventsPerSource: 1024, bytes: 16 * MIB, bytesPerSource: 4 * MIB },
};

for (const limit of Object.values(LANE_LIMITS)) {
  invariant(
    limit.eventsPerSource <= limit.events && limit.bytesPerSource <= limit.bytes,
    "a share is a part",
  );
}
invariant(LANE_LIMITS.member.bytesPerSource >= MAX_FRAME_BYTES, "a member's greatest frame may wait");
invariant(LANE_LIMITS.peer.bytesPerSource >= MAX_FRAME_BYTES, "a page of the log may wait");

interface Waiting {
  readonly event: UntimedEvent;
  readonly source: string;
  readonly bytes: number;
}

interface Load {
  events: number;
  bytes: number;
}

export class EventQueue {
  private readonly lanes = new Map<Lane, { waiting: Waiting[]; load: Load; bySource: Map<string, Load> }>();
  private readonly drops: Record<Lane, number> = {
    own: 0,
    member: 0,
    peer: 0,
    proven: 0,
    command: 0,
    operation: 0,
  };

  constructor(private readonly limits: Readonly<Record<Lane, LaneLimit>> = LANE_LIMITS) {
    for (const lane of LANES) {
      this.lanes.set(lane, { waiting: [], load: { events: 0, bytes: 0 }, bySource: new Map() });
    }
  }

  /** How many events each lane has turned away. */
  get dropped(): Readonly<Record<Lane, number>> {
    return this.drops;
  }

  get length(): number {
    let total = 0;
    for (const { load } of this.lanes.values()) total += load.events;
    return total;
  }

  /**
   * Takes in an event, or turns it away when its lane or its source's share of the lane is full.
   * @param bytes what the event weighs in memory; 0 for what weighs nothing to speak of
   */
  offer(event: UntimedEvent, bytes: number): boolean {
    const name = laneOf(event);
    const lane = this.lanes.get(name)!;
    const limit = this.limits[name];
    const source = sourceOf(event);
    const share = lane.bySource.get(source) ?? { events: 0, bytes: 0 };
    const fits =
      lane.load.events < limit.events &&
      share.events < limit.eventsPerSource &&
      lane.load.bytes + bytes <= limit.bytes &&
      share.bytes + bytes <= limit.bytesPerSource;
    if (!fits) {
      this.drops[name]++;
      return false;
    }
    lane.waiting.push({ event, source, bytes });
    lane.bySource.set(source, share);
    add(lane.load, 1, bytes);
    add(share, 1, bytes);
    return true;
  }

  /**
   * The next events to step, at most `max`, the more urgent lanes first. Every lane in which something waits gets at
   * least one place, so that no flood silences the lanes below it.
   * @param max at least the number of lanes
   * @param maxNew how many of them may bring something new to do, at least one of each lane that does; absent: all
   */
  takeGroup(max: number, maxNew: number = max): UntimedEvent[] {
    invariant(max >= LANES.length, "a group has a place for every lane");
    const group: UntimedEvent[] = [];
    let newer = maxNew;
    LANES.forEach((name, index) => {
      const lower = LANES.slice(index + 1).filter((one) => this.lanes.get(one)!.load.events > 0).length;
      const brings = NEW_WORK.has(name);
      const room = Math.min(max - group.length - lower, brings ? Math.max(1, newer - lower) : max);
      const taken = this.remove(name, Math.min(room, this.lanes.get(name)!.load.events));
      for (const { event } of taken) group.push(event);
      if (brings) newer -= taken.length;
    });
    return group;
  }

  private remove(name: Lane, count: number): Waiting[] {
    const lane = this.lanes.get(name)!;
    const taken = lane.waiting.splice(0, count);
    for (const { source, bytes } of taken) {
      const share = lane.bySource.get(source)!;
      add(lane.load, -1, -bytes);
      add(share, -1, -bytes);
      if (share.events === 0) lane.bySource.delete(source);
    }
    return taken;
  }
}

function add(load: Load, events: number, bytes: number): void {
  load.events += events;
  load.bytes += bytes;
}

function laneOf(event: UntimedEvent): Lane {
  switch (event.kind) {
    case "start":
    case "tick":
      return "own";
    case "message":
      return event.seat === null ? "peer" : "member";
    case "connected":
      return "peer";
    case "command":
      return "command";
    case "operation":
      return event.operation.authority === null ? "proven" : "operation";
  }
}

const sourceOf = (event: UntimedEvent): string => ("from" in event ? event.from : "");
