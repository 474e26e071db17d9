// What the upstream saw and did, request by request: what tests judge a gateway by.
import { createHash } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Amounts, Over } from "./amounts.js";
import type { Usage } from "./exchange.js";

/** One request, from its first byte to the end of its answer. */
export interface Visit {
  /** from 1, in the order of arrival */
  readonly nth: number;
  readonly atMs: number;
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  /** the key that it came with; null: none */
  key: string | null;
  /** of the body, as it arrived */
  bytes: number;
  /** SHA-256 of the body, in hex; empty where it did not arrive */
  hash: string;
  model: string | null;
  /** what it asked of the limits; null: it was never judged by them */
  asked: Amounts | null;
  /** the limits that it would have passed */
  over: readonly Over[];
  /** the name of the fault that it met */
  fault: string | null;
  status: number | null;
  /** what the whole answer takes; null: nothing was written */
  usage: Usage | null;
  /** tokens that were written when it ended */
  written: number;
  /** bytes of the answer's body that were handed to the connection */
  sent: number;
  /** `left`: the client was gone before the end; `cut`: the upstream broke it off */
  end: "open" | "whole" | "cut" | "left";
  endMs: number | null;
}

export class Journal {
  readonly visits: Visit[] = [];

  /** @param ended is told of each request whose answer is over */
  constructor(private readonly ended: (visit: Visit) => void = () => undefined) {}

  open(request: IncomingMessage, atMs: number): Visit {
    const visit: Visit = {
      nth: this.visits.length + 1,
      atMs,
      method: request.method ?? "",
      target: request.url ?? "",
      headers: request.headers,
      key: null,
      bytes: 0,
      hash: "",
      model: null,
      asked: null,
      over: [],
      fault: null,
      status: null,
      usage: null,
      written: 0,
      sent: 0,
      end: "open",
      endMs: null,
    };
    this.visits.push(visit);
    return visit;
  }

  close(visit: Visit, end: "whole" | "cut" | "left", nowMs: number): void {
    if (visit.end !== "open") return;
    visit.end = end;
    visit.endMs = nowMs;
    this.ended(visit);
  }

  /** Requests that passed a limit, whatever else became of them. */
  get refused(): readonly Visit[] {
    return this.visits.filter(({ over }) => over.length > 0);
  }

  /** Requests that were counted against the limits. */
  get counted(): readonly Visit[] {
    return this.visits.filter(({ asked, over }) => asked !== null && over.length === 0);
  }
}

export const hashOf = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
