// From a request to its answer: whether the limits let it, what goes wrong, and what the model writes.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Over } from "./amounts.js";
import { type AskedToWrite, type Known, understand } from "./asking.js";
import { Customer } from "./customer.js";
import type { Headers, Moment } from "./dialect.js";
import { DIALECTS } from "./dialects/dialects.js";
import { secondsUp } from "./durations.js";
import type { Reply } from "./exchange.js";
import { type Fault, faultName } from "./faults.js";
import { hashOf, type Journal, type Visit } from "./journal.js";
import type { Limiter } from "./limiter.js";
import { Outgoing } from "./outgoing.js";
import { PromptCache } from "./prompt-cache.js";
import type { UpstreamRules } from "./rules.js";
import { write } from "./writer.js";
import { deliver, garble } from "./writing.js";

/** A request that asks the model to write, and where its answer goes. */
interface Turn extends AskedToWrite {
  readonly visit: Visit;
  readonly moment: Moment;
  readonly fault: Fault | null;
  readonly out: Outgoing;
  /** what the draws for it are by: what it asks, and how often that was asked before */
  readonly name: string;
}

export class Answering {
  private readonly known: Known;
  private readonly cache: PromptCache;
  /** by the hash of a body */
  private readonly timesAsked = new Map<string, number>();

  constructor(
    private readonly rules: UpstreamRules,
    private readonly journal: Journal,
  ) {
    this.known = {
      dialect: DIALECTS[rules.dialect].dialect,
      customers: new Map(rules.customers.map((one) => [one.key, new Customer(one, rules.seed)])),
      models: rules.models,
    };
    this.cache = new PromptCache(rules.cache, rules.seed);
  }

  /** @param body null: it was too large */
  async answer(
    request: IncomingMessage,
    body: Buffer | null,
    response: ServerResponse,
    visit: Visit,
  ): Promise<void> {
    visit.bytes = body?.length ?? 0;
    visit.hash = body === null ? "" : hashOf(body);
    const out = await this.respond(request, body, response, visit);
    this.journal.close(visit, out.end, this.nowMs);
  }

  private async respond(
    request: IncomingMessage,
    body: Buffer | null,
    response: ServerResponse,
    visit: Visit,
  ): Promise<Outgoing> {
    const asked = understand(this.known, request.headers, body, visit);
    const isStreamed = asked.kind === "write" && asked.wish.isStreamed;
    const moment = { id: idOf(visit), nowMs: this.nowMs, model: visit.model ?? "", isStreamed };
    if (asked.kind !== "write") {
      const out = new Outgoing(response, visit, null);
      const reply =
        asked.kind === "told" ? jsonOf(asked.told) : this.known.dialect.trouble(asked.trouble, moment);
      await this.reply(out, reply, this.known.dialect.signed(moment));
      return out;
    }
    const times = (this.timesAsked.get(visit.hash) ?? 0) + 1;
    this.timesAsked.set(visit.hash, times);
    const name = `${visit.hash}/${times}`;
    const fault = this.rules.faults(name);
    visit.fault = fault && faultName(fault);
    const out = new Outgoing(response, visit, fault?.kind === "cut" ? fault.afterBytes : null);
    await this.judge({ ...asked, visit, moment, fault, out, name });
    return out;
  }

  /** What fails before anything is counted fails here; then the limits have their say. */
  private async judge(turn: Turn): Promise<void> {
    const { dialect } = this.known;
    const { customer, wish, moment, out, fault, visit, tokens } = turn;
    const signed = dialect.signed(moment);
    if (customer.isSpent) return this.reply(out, dialect.trouble({ kind: "unpaid" }, moment), signed);
    switch (fault?.kind) {
      case "overloaded":
      case "broken":
      case "bare":
        return this.reply(out, dialect.trouble({ kind: fault.kind }, moment), signed);
      case "redirect":
        return this.reply(out, { status: 307, headers: { location: ELSEWHERE }, body: "" }, signed);
      default:
    }
    const chars = wish.caching === "all" ? wish.prompt.text.length : wish.prompt.marked;
    const scope = `${visit.key} ${wish.model}`;
    const found = this.cache.find(scope, wish.prompt.text.slice(0, chars), turn.name, moment.nowMs);
    const limiter = customer.limiterOf(wish.model, moment.nowMs);
    visit.asked = dialect.asks(wish, tokens, found.tokens);
    visit.over = limiter.take(visit.asked, moment.nowMs);
    const headers = { ...signed, ...dialect.told(limiter.readings(moment.nowMs), visit.key ?? "", moment) };
    if (visit.over.length > 0) return this.refuse(turn, visit.over[0]!, headers);
    this.cache.keep(found, moment.nowMs);
    customer.spend(tokens);
    const kept = wish.caching === "marked" ? found.whole - found.tokens : 0;
    await this.write(turn, { prompt: tokens, cached: found.tokens, kept }, limiter, headers);
  }

  private async refuse(turn: Turn, over: Over, headers: Headers): Promise<void> {
    const { shape, wish, moment, out, visit } = turn;
    if (shape.refusedInside === undefined || !wish.isStreamed) {
      return this.reply(out, this.known.dialect.refusal(visit.over, moment), headers);
    }
    const body = shape.refusedInside(over, moment);
    const told = { "content-type": shape.contentType(wish), "retry-after": `${secondsUp(over.waitMs ?? 0)}` };
    await this.reply(out, { status: 200, headers: told, body }, headers);
  }

  private async write(
    turn: Turn,
    prompt: { readonly prompt: number; readonly cached: number; readonly kept: number },
    limiter: Limiter,
    headers: Headers,
  ): Promise<void> {
    const { wish, moment, out, fault, visit, name } = turn;
    const { dialect } = this.known;
    if (fault?.kind === "garbage") return garble(turn, this.rules.seed, headers);
    if (fault?.kind === "inside") {
      const { headers: own, body } = dialect.trouble({ kind: "overloaded" }, moment);
      return this.reply(out, { status: 200, headers: own, body }, headers);
    }
    const answer = write(wish, prompt, this.rules.seed, name, moment.nowMs);
    visit.usage = answer.usage;
    const dimensions = dialect.counts(wish);
    let counted = visit.asked!.outputTokens;
    await deliver(turn, answer, this.rules, headers, (written) => {
      visit.written = written;
      for (const dimension of dimensions) limiter.add(dimension, written - counted, this.nowMs);
      turn.customer.spend(written - counted);
      counted = written;
    });
  }

  private async reply(out: Outgoing, { status, headers, body }: Reply, more: Headers): Promise<void> {
    out.head(status, { ...more, ...headers, "content-length": `${Buffer.byteLength(body)}` });
    await out.send(body);
    await out.finish();
  }

  private get nowMs(): number {
    return this.rules.clock.nowMs();
  }
}

/** Where redirects point: nobody with a credential may come there. */
const ELSEWHERE = "/elsewhere";

const idOf = (visit: Visit): string => hashOf(Buffer.from(`${visit.nth}/${visit.hash}`)).slice(0, 22);

const jsonOf = (value: unknown): Reply => ({
  status: 200,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(value),
});
