// Where agents are served, as they say themselves: told to neighbours, asked of them, and passed on (spec/handover#finding).
import type { Connection } from "@libp2p/interface";
import {
  isNews,
  isSaid,
  MAX_PRESENCE_BYTES,
  type Presence,
  type PresenceAnswer,
  type PresenceQuestion,
  presenceAnswer,
  presenceDigest,
  presenceQuestion,
  tellable,
  type Whereabouts,
} from "../../src/handover/index.js";
import {
  type AgentKey,
  type Bytes,
  decode,
  encode,
  type Hash,
  toHex,
  type Verifier,
} from "../../src/index.js";
import { answer, ask } from "../net/call.js";
import type { DirectNet, DirectStream } from "../net/index.js";
import { RecentMap } from "../net/recent-map.js";
import { TokenBuckets } from "../net/token-bucket.js";

export const AGENTS_PROTOCOL = "/mabeam/1/agents";
const MAX_FRAME_BYTES = MAX_PRESENCE_BYTES + 64;
/** Words that one peer may tell or ask for, at once and per second (spec/handover#P4). */
const BURST = 32;
const PER_SECOND = 8;
/** Words that are kept (spec/handover#P3). */
const MAX_OF_PARTIES = 4096;
const MAX_OF_OTHERS = 256;
const OTHERS_MS = 600_000;
const STREAMS_EACH = 4;
const CALL_MS = 3000;

export interface PresencePort {
  readonly chain: Hash;
  readonly market: Hash;
  readonly direct: DirectNet;
  readonly verifier: Verifier;
  readonly nowMs: () => number;
  /** a party of a trade that has not ended */
  isParty(agent: Bytes): boolean;
}

export class Presences {
  /** of parties, by agent; the oldest word goes first */
  private readonly parties = new Map<string, Presence>();
  private readonly others: RecentMap<Presence>;
  private readonly own = new Map<string, Presence>();
  /** by own agent, the neighbours that have its newest word */
  private readonly told = new Map<string, Set<string>>();
  private readonly tokens: TokenBuckets;

  constructor(private readonly port: PresencePort) {
    const { steadyMs } = port.direct;
    this.others = new RecentMap(MAX_OF_OTHERS, OTHERS_MS, steadyMs);
    this.tokens = new TokenBuckets(PER_SECOND, BURST, steadyMs);
  }

  serve(): Promise<void> {
    return this.port.direct.serve(AGENTS_PROTOCOL, STREAMS_EACH, (incoming) => this.answerOne(incoming));
  }

  /** Where an agent said last that it is served; null: nobody has told. */
  of(agent: Bytes): Presence | null {
    return this.known(toHex(agent)) ?? null;
  }

  /** An agent of this peer's says where it is served, to all neighbours that do not know yet. */
  announce(agent: AgentKey): void {
    const word = this.wordOf(agent);
    const told = this.told.get(toHex(agent.publicKey))!;
    for (const ref of this.port.direct.neighbours()) {
      if (told.has(ref)) continue;
      told.add(ref);
      void this.tell(ref, word, agent);
    }
  }

  /** Asks all neighbours where an agent is. @returns the newest word, also one that was known before */
  async find(agent: Bytes): Promise<Presence | null> {
    const { direct } = this.port;
    const question: PresenceQuestion = { kind: "whereIs", agent };
    await Promise.all(
      direct.neighbours().map(async (ref) => {
        const told = await this.askPeer(ref, question);
        if (told?.kind !== "found" || toHex(told.presence.said.agent) !== toHex(agent)) return;
        if (!this.learn(told.presence)) direct.count("agents", "NO_NEWS");
      }),
    );
    return this.of(agent);
  }

  /** An agent has become a party: what was heard of it before counts, and is passed on. */
  becameParty(agent: Bytes): void {
    const heard = this.others.get(toHex(agent));
    if (heard === undefined || !this.learn(heard)) return;
    this.passOn(heard, null);
  }

  /** This peer's own word; the number grows even where the clock was set back. */
  private wordOf(agent: AgentKey): Presence {
    const { chain, market, direct, nowMs } = this.port;
    const name = toHex(agent.publicKey);
    const addresses = tellable(direct.addresses());
    const before = this.own.get(name);
    const isSame = before !== undefined && before.said.addresses.join() === addresses.join();
    const heard = this.known(name)?.said.seq ?? 0;
    if (isSame && heard <= before.said.seq) return before;
    const seq = Math.max(nowMs(), heard + 1, (before?.said.seq ?? 0) + 1);
    const said: Whereabouts = { agent: agent.publicKey, peer: direct.self, addresses, seq };
    const word = { said, sig: agent.sign(presenceDigest(chain, market, said)) };
    this.own.set(name, word);
    this.told.set(name, new Set());
    return word;
  }

  /** Whoever knows a greater number of our own agent has an older word of it: a newer one follows. */
  private async tell(ref: string, word: Presence, own: AgentKey | null): Promise<void> {
    const told = await this.askPeer(ref, { kind: "here", presence: word });
    if (own !== null && told === null) this.told.get(toHex(own.publicKey))?.delete(ref);
    if (own === null || told?.kind !== "noted" || told.seq <= word.said.seq) return;
    const { said } = word;
    const found = await this.askPeer(ref, { kind: "whereIs", agent: said.agent });
    if (found?.kind === "found" && this.learn(found.presence))
      await this.askPeer(ref, { kind: "here", presence: this.wordOf(own) });
  }

  private async askPeer(ref: string, question: PresenceQuestion): Promise<PresenceAnswer | null> {
    try {
      const connection: Connection = await this.port.direct.reach(ref);
      const bytes = await ask(
        connection,
        AGENTS_PROTOCOL,
        encode(presenceQuestion, question),
        MAX_FRAME_BYTES,
        CALL_MS,
      );
      const decoded = decode(presenceAnswer, bytes, MAX_FRAME_BYTES);
      return decoded.ok ? decoded.value : null;
    } catch {
      return null;
    }
  }

  private answerOne({ stream, from }: DirectStream): Promise<void> {
    return answer(stream, MAX_FRAME_BYTES, (bytes) =>
      encode(presenceAnswer, this.judged(from, decode(presenceQuestion, bytes, MAX_FRAME_BYTES))),
    );
  }

  private judged(from: string, asked: ReturnType<typeof decode<PresenceQuestion>>): PresenceAnswer {
    if (!asked.ok) return this.refused(from, asked.error.code, true);
    if (!this.tokens.take(from)) return this.refused(from, "TOO_MANY_REQUESTS", false);
    const question = asked.value;
    if (question.kind === "whereIs") {
      const own = this.own.get(toHex(question.agent));
      const presence = own ?? this.of(question.agent);
      return presence === null ? this.refused(from, "UNKNOWN", false) : { kind: "found", presence };
    }
    const { presence } = question;
    const name = toHex(presence.said.agent);
    if (isNews(presence.said, this.known(name))) {
      if (!this.isTrue(presence)) return this.refused(from, "BAD_SIGNATURE", true);
      if (this.learn(presence)) this.passOn(presence, from);
    }
    return { kind: "noted", seq: this.known(name)?.said.seq ?? presence.said.seq };
  }

  private refused(from: string, code: string, isBlamed: boolean): PresenceAnswer {
    this.port.direct.count("agents", code);
    if (isBlamed) this.port.direct.blame(from);
    return { kind: "refused", code };
  }

  private known(name: string): Presence | undefined {
    return this.parties.get(name) ?? this.others.get(name);
  }

  private isTrue(presence: Presence): boolean {
    return isSaid(this.port.chain, this.port.market, presence, this.port.verifier);
  }

  /** Whether it is news of a party, its agent's own word, and kept as such. */
  private learn(presence: Presence): boolean {
    const { agent } = presence.said;
    const name = toHex(agent);
    if (!isNews(presence.said, this.parties.get(name)) || !this.isTrue(presence)) return false;
    if (!this.port.isParty(agent)) {
      if (isNews(presence.said, this.others.get(name))) this.others.set(name, presence);
      return false;
    }
    this.parties.delete(name);
    this.parties.set(name, presence);
    if (this.parties.size > MAX_OF_PARTIES) this.parties.delete(this.parties.keys().next().value!);
    return true;
  }

  private passOn(presence: Presence, from: string | null): void {
    for (const ref of this.port.direct.neighbours())
      if (ref !== from && ref !== presence.said.peer) void this.tell(ref, presence, null);
  }
}
