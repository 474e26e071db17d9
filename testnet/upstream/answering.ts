// From a request to its answer: whether the limits let it, what goes wrong, and what the model writes.
import type { IncomingMessage, ServerResponse } from "node:http";
import { Account } from "./account.js";
import type { Over } from "./amounts.js";
import { type AskedToWrite, type Known, understand } from "./asking.js";
import type { Headers, Moment } from "./dialect.js";
import { DIALECTS } from "./dialects/dialects.js";
import { secondsUp } from "./durations.js";
import type { Reply } from "./exchange.js";
import { type Fault, faultName } from "./faults.js";
import { type Entry, hashOf, type Journal } from "./journal.js";
import type { Limiter } from "./limiter.js";
import { Outgoing } from "./outgoing.js";
import { PromptCache } from "./prompt-cache.js";
import type { UpstreamRules } from "./rules.js";
import { write } from "./writer.js";
import { deliver, garble } from "./writing.js";

/** A request that asks the model to write, and where its answer goes. */
interface Turn extends AskedToWrite {
  readonly entry: Entry;
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
      accounts: new Map(rules.accounts.map((one) => [one.key, new Account(one, rules.seed)])),
      models: rules.models,
    };
    this.cache = new PromptCache(rules.cache, rules.seed);
  }

  /** @param body null: it was too large */
  async answer(request: IncomingMessage, body: Buffer | null, response: ServerResponse, entry: Entry) {
    entry.bytes = body?.length ?? 0;
    entry.hash = body === null ? "" : hashOf(body);
    const out = await this.respond(request, body, response, entry);
    this.journal.close(entry, out.end, this.nowMs);
  }

  private async respond(
    request: IncomingMessage,
    body: Buffer | null,
    response: ServerResponse,
    entry: Entry,
  ): Promise<Outgoing> {
    const asked = understand(this.known, request.headers, body, entry);
    const isStreamed = asked.kind === "write" && asked.wish.isStreamed;
    const moment = { id: idOf(entry), nowMs: this.nowMs, model: entry.model ?? "", isStreamed };
    if (asked.kind !== "write") {
      const out = new Outgoing(response, entry, null);
      const reply =
        asked.kind === "told" ? jsonOf(asked.told) : this.known.dialect.trouble(asked.trouble, moment);
      await this.reply(out, reply, this.known.dialect.signed(moment));
      return out;
    }
    const times = (this.timesAsked.get(entry.hash) ?? 0) + 1;
    this.timesAsked.set(entry.hash, times);
    const name = `${entry.hash}/${times}`;
    const fault = this.rules.faults(name);
    entry.fault = fault && faultName(fault);
    const out = new Outgoing(response, entry, fault?.kind === "cut" ? fault.afterBytes : null);
    await this.judge({ ...asked, entry, moment, fault, out, name });
    return out;
  }

  /** What fails before anything is counted fails here; then the limits have their say. */
  private async judge(turn: Turn): Promise<void> {
    const { dialect } = this.known;
    const { account, wish, moment, out, fault, entry, tokens } = turn;
    const signed = dialect.signed(moment);
    if (account.isSpent) return this.reply(out, dialect.trouble({ kind: "credit" }, moment), signed);
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
    const scope = `${entry.key} ${wish.model}`;
    const found = this.cache.find(scope, wish.prompt.text.slice(0, chars), turn.name, moment.nowMs);
    const limiter = account.limiterOf(wish.model, moment.nowMs);
    entry.asked = dialect.asks(wish, tokens, found.tokens);
    entry.over = limiter.take(entry.asked, moment.nowMs);
    const headers = { ...signed, ...dialect.told(limiter.standings(moment.nowMs), entry.key ?? "", moment) };
    if (entry.over.length > 0) return this.refuse(turn, entry.over[0]!, headers);
    this.cache.keep(found, moment.nowMs);
    account.spend(tokens);
    const kept = wish.caching === "marked" ? found.whole - found.tokens : 0;
    await this.write(turn, { prompt: tokens, cached: found.tokens, kept }, limiter, headers);
  }

  private async refuse(turn: Turn, over: Over, headers: Headers): Promise<void> {
    const { shape, wish, moment, out, entry } = turn;
    if (shape.refusedInside === undefined || !wish.isStreamed) {
      return this.reply(out, this.known.dialect.refusal(entry.over, moment), headers);
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
    const { wish, moment, out, fault, entry, name } = turn;
    const { dialect } = this.known;
    if (fault?.kind === "garbage") return garble(turn, this.rules.seed, headers);
    if (fault?.kind === "inside") {
      const { headers: own, body } = dialect.trouble({ kind: "overloaded" }, moment);
      return this.reply(out, { status: 200, headers: own, body }, headers);
    }
    const answer = write(wish, prompt, this.rules.seed, name, moment.nowMs);
    entry.usage = answer.usage;
    const dimensions = dialect.counts(wish);
    let counted = entry.asked!.outputTokens;
    await deliver(turn, answer, this.rules, headers, (written) => {
      entry.written = written;
      for (const dimension of dimensions) limiter.add(dimension, written - counted, this.nowMs);
      turn.account.spend(written - counted);
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

const idOf = (entry: Entry): string => hashOf(Buffer.from(`${entry.nth}/${entry.hash}`)).slice(0, 22);

const jsonOf = (value: unknown): Reply => ({
  status: 200,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(value),
});
