// The moves: what can happen to each member in each of its states, found once by the product's own step.
import { invariant } from "../../../src/base/index.js";
import { type FactRules, type Facts, factsOf, nameOfFacts } from "./facts.js";
import { faultOfMember, faultOfMove } from "./faults.js";
import { forgetHearsay, keyOf, plainKeyOf, yetToLead } from "./key.js";
import { type Action, ExploredMember } from "./member.js";
import { gapOf, termOf } from "./names.js";
import { ELECTORATE, type Rulebook, TRUE_RULES, World } from "./world.js";

export interface Exploration {
  readonly book?: Rulebook;
  /** how many terms are played; later ones are not entered into */
  readonly terms: number;
  /** Byzantine seats, by the term that each leads first (1..4) */
  readonly byzantine: readonly number[];
  /** how many crashes there may be in all */
  readonly crashes: number;
  /** goes on after a broken law, and counts them all */
  readonly toTheEnd?: boolean;
  /** gives up beyond so many states */
  readonly maxStates?: number;
  /** goes no further than so many steps from the start */
  readonly maxDepth?: number;
  /** the Byzantine seats say nothing: certificates need honest votes alone, and none of their terms has a proposal */
  readonly silent?: boolean;
  /** without the reductions: members are told apart by all they know, and a proposal may come at any time */
  readonly plain?: boolean;
}

/** One thing that happened to one member. `torn`: the power failed in its last batch. */
export interface Step {
  readonly seat: number;
  readonly action: Action;
  readonly torn: boolean;
}

export interface Move {
  readonly step: Step;
  readonly next: number;
}

/** A member's state, with the moves from it found so far. */
interface Local {
  readonly member: ExploredMember;
  readonly words: number;
  readonly broken: string | null;
  readonly tried: Map<string, Move | null>;
  readonly byFacts: Map<number, readonly Move[]>;
}

/** Member states are numbered below this, so that three of them and a count of crashes fit one number. */
export const MAX_LOCALS = 2 ** 16;

export class Moves {
  readonly seats: readonly number[];
  readonly locals: Local[][];
  readonly facts: Facts[] = [];
  memberSteps = 0;
  private readonly byKey: Map<string, number>[];
  private readonly factsByName = new Map<string, number>();
  private readonly wordsByName = new Map<string, number>();
  private readonly wordLists: (readonly string[])[] = [];
  private readonly factsByWords = new Map<number, number>();
  private readonly factRules: FactRules;
  readonly start: readonly number[];

  constructor(readonly options: Exploration) {
    const byzantine = options.byzantine.map((term) => ELECTORATE.leaderOf(term));
    this.seats = ELECTORATE.set.members.map((_, seat) => seat).filter((seat) => !byzantine.includes(seat));
    const book = options.book ?? TRUE_RULES;
    const byzantineTerms = Array.from({ length: options.terms }, (_, i) => i + 1).filter((term) =>
      byzantine.includes(ELECTORATE.leaderOf(term)),
    );
    const { silent = false } = options;
    this.factRules = {
      honestVotesNeeded: Math.max(1, book.quorum - (silent ? 0 : byzantine.length)),
      byzantineTerms: silent ? [] : byzantineTerms,
    };
    this.locals = this.seats.map(() => []);
    this.byKey = this.seats.map(() => new Map());
    this.start = this.seats.map((seat, at) =>
      this.localOf(at, new ExploredMember(new World(seat), book), null),
    );
  }

  /** The number of a member's state; a new one if its key is new. */
  private localOf(at: number, member: ExploredMember, broken: string | null): number {
    const { terms, plain = false } = this.options;
    if (!plain) forgetHearsay(member, terms);
    const key = `${plain ? plainKeyOf(member) : keyOf(member, terms)}${broken ?? ""}`;
    const known = this.byKey[at]!.get(key);
    if (known !== undefined) return known;
    const locals = this.locals[at]!;
    invariant(locals.length < MAX_LOCALS, "member states can be numbered");
    const words = this.wordsOf([...member.words.keys()].sort());
    const fault = faultOfMember(member) ?? broken;
    locals.push({ member, words, broken: fault, tried: new Map(), byFacts: new Map() });
    this.byKey[at]!.set(key, locals.length - 1);
    return locals.length - 1;
  }

  private wordsOf(words: readonly string[]): number {
    const name = words.join(",");
    let id = this.wordsByName.get(name);
    if (id === undefined) {
      id = this.wordLists.length;
      this.wordLists.push(words);
      this.wordsByName.set(name, id);
    }
    return id;
  }

  /** What each member said in this joint state: by what reductions are compared with the search without them. */
  profileOf(state: readonly number[]): string {
    return state.map((local, at) => this.wordLists[this.locals[at]![local]!.words]!.join(", ")).join(" / ");
  }

  /** By honest seat: its words. */
  wordsAt(state: readonly number[]): ReadonlyMap<number, ReadonlySet<string>> {
    return new Map(
      state.map((local, at) => [this.seats[at]!, new Set(this.wordLists[this.locals[at]![local]!.words]!)]),
    );
  }

  /** Whether every member is beyond the last term that is played. */
  isOver(state: readonly number[]): boolean {
    return state.every((local, at) => {
      const { voter } = this.locals[at]![local]!.member;
      return voter.term > this.options.terms || voter.standing === "halted";
    });
  }

  /** What can be brought about when the members are in these states. */
  factsAt(state: readonly number[]): number {
    let key = 0;
    for (let at = 0; at < state.length; at++) key = key * MAX_LOCALS + this.locals[at]![state[at]!]!.words;
    const known = this.factsByWords.get(key);
    if (known !== undefined) return known;
    const facts = factsOf(
      state.map((local, at) => this.wordLists[this.locals[at]![local]!.words]!),
      this.factRules,
    );
    const name = nameOfFacts(facts);
    let id = this.factsByName.get(name);
    if (id === undefined) {
      id = this.facts.length;
      this.facts.push(facts);
      this.factsByName.set(name, id);
    }
    this.factsByWords.set(key, id);
    return id;
  }

  /** All moves of one member that change anything. */
  of(at: number, local: number, factsId: number, mayCrash: boolean): readonly Move[] {
    const of = this.locals[at]![local]!;
    const slot = factsId * 2 + Number(mayCrash);
    const known = of.byFacts.get(slot);
    if (known !== undefined) return known;
    const found: Move[] = [];
    for (const action of this.actions(of.member, this.facts[factsId]!)) {
      const move = this.tried(at, local, action, false);
      if (move !== null) found.push(move);
      const torn = mayCrash ? this.tried(at, local, action, true) : null;
      if (torn !== null) found.push(torn);
    }
    const crash = mayCrash ? this.tried(at, local, { kind: "crash" }, false) : null;
    if (crash !== null) found.push(crash);
    of.byFacts.set(slot, found);
    return found;
  }

  private tried(at: number, local: number, action: Action, torn: boolean): Move | null {
    const of = this.locals[at]![local]!;
    const name = `${torn} ${Object.values(action).join(" ")}`;
    const known = of.tried.get(name);
    if (known !== undefined) return known;
    this.memberSteps++;
    const member = torn ? of.member.cutShort(action) : of.member.after(action);
    const next =
      member === null || (!this.options.plain && isPutOff(member, action, torn))
        ? local
        : this.localOf(at, member, faultOfMove(of.member, member));
    const move = next === local ? null : { step: { seat: this.seats[at]!, action, torn }, next };
    of.tried.set(name, move);
    return move;
  }

  private actions({ voter, world }: ExploredMember, facts: Facts): Action[] {
    if (voter.standing === "halted") return [];
    const actions: Action[] = [];
    if (voter.term <= this.options.terms) {
      if (ELECTORATE.leaderOf(voter.term) === world.self) actions.push({ kind: "idle" });
      actions.push({ kind: "timeout" });
      for (const name of facts.proposals) {
        const term = termOf(name);
        if (ELECTORATE.leaderOf(term) === world.self) continue;
        if (this.options.plain ? term < voter.term : term !== voter.term) continue;
        actions.push({
          kind: "propose",
          name,
          justified: gapOf(name).every((term) => facts.skipCerts.includes(term)),
        });
      }
    }
    const leads = yetToLead(voter, world.self, this.options.terms);
    for (const name of facts.ackCerts) {
      actions.push({ kind: "ackCert", name, bare: false });
      if (leads) actions.push({ kind: "ackCert", name, bare: true });
    }
    for (const term of facts.skipCerts) actions.push({ kind: "skipCert", term });
    for (const name of facts.commitCerts) actions.push({ kind: "commitCert", name });
    return actions;
  }
}

/** A proposal that is not acknowledged at once might as well come later; then it is not explored now. */
const isPutOff = (member: ExploredMember, action: Action, torn: boolean): boolean =>
  !torn && action.kind === "propose" && !member.words.has(`ack ${termOf(action.name)} ${action.name}`);
