// The explorer: every order of deliveries, time-outs and one crash, breadth first, over the product's own step.
import { invariant } from "../../../src/base/index.js";
import { type FactRules, type Facts, factsOf, nameOfFacts } from "./facts.js";
import { faultOfMember, faultOfMove } from "./faults.js";
import { keyOf } from "./key.js";
import { type Action, ExploredMember } from "./member.js";
import { gapOf, type Name, parentOf, termOf } from "./names.js";
import { ELECTORATE, type Rulebook, SIZE, TRUE_RULES, World } from "./world.js";

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
}

/** One thing that happened to one member. `torn`: the power failed in its last batch. */
export interface Step {
  readonly seat: number;
  readonly action: Action;
  readonly torn: boolean;
}

export interface Explored {
  readonly states: number;
  readonly transitions: number;
  /** steps to the farthest state: how deep the breadth-first search went */
  readonly depth: number;
  /** calls of the product's step machinery: distinct (member state, action) pairs */
  readonly memberSteps: number;
  readonly memberStates: number;
  /** whether every state was visited */
  readonly complete: boolean;
  /** laws that were broken, each with a shortest way to it */
  readonly broken: ReadonlyMap<string, readonly Step[]>;
}

interface Move {
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

const MAX_LOCALS = 2 ** 16;

export class Explorer {
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
    this.factRules = { honestVotesNeeded: Math.max(1, book.quorum - byzantine.length), byzantineTerms };
    this.locals = this.seats.map(() => []);
    this.byKey = this.seats.map(() => new Map());
    this.start = this.seats.map((seat, at) =>
      this.localOf(at, new ExploredMember(new World(seat), book), null),
    );
  }

  /** The number of a member's state; a new one if its key is new. */
  private localOf(at: number, member: ExploredMember, broken: string | null): number {
    const key = `${keyOf(member, this.options.terms)}${broken ?? ""}`;
    const known = this.byKey[at]!.get(key);
    if (known !== undefined) return known;
    const locals = this.locals[at]!;
    invariant(locals.length < MAX_LOCALS, "member states can be numbered");
    const words = this.wordsOf([...member.words.keys()].sort());
    const fault = broken ?? faultOfMember(member);
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
  moves(at: number, local: number, factsId: number, mayCrash: boolean): readonly Move[] {
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
      member === null || isPutOff(member, action, torn)
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
        if (termOf(name) !== voter.term || ELECTORATE.leaderOf(voter.term) === world.self) continue;
        actions.push({
          kind: "propose",
          name,
          justified: gapOf(name).every((term) => facts.skipCerts.includes(term)),
        });
      }
    }
    for (const name of facts.ackCerts) actions.push({ kind: "ackCert", name });
    for (const term of facts.skipCerts) actions.push({ kind: "skipCert", term });
    for (const name of facts.commitCerts) actions.push({ kind: "commitCert", name });
    return actions;
  }
}

/** A proposal that is not acknowledged at once might as well come later; then it is not explored now. */
const isPutOff = (member: ExploredMember, action: Action, torn: boolean): boolean =>
  !torn && action.kind === "propose" && !member.words.has(`ack ${termOf(action.name)} ${action.name}`);

/** Visits every state that can be reached. Stops at the first broken law unless it is to go on. */
export function explore(options: Exploration): Explored {
  const explorer = new Explorer(options);
  const search = new Search(explorer, options);
  return search.run();
}

class Search {
  private readonly index = new Map<number, number>();
  private readonly keys: number[] = [];
  private readonly parents: number[] = [];
  private readonly steps: (Step | null)[] = [];
  private readonly broken = new Map<string, readonly Step[]>();
  private transitions = 0;

  constructor(
    private readonly explorer: Explorer,
    private readonly options: Exploration,
  ) {}

  run(): Explored {
    const { toTheEnd = false, maxStates = Number.POSITIVE_INFINITY, crashes } = this.options;
    const size = this.explorer.seats.length;
    this.visit([...this.explorer.start], 0, -1, null);
    let depth = 0;
    let levelEnds = 1;
    let complete = true;
    for (let at = 0; at < this.keys.length; at++) {
      if (this.broken.size > 0 && !toTheEnd) break;
      if (this.keys.length > maxStates) {
        complete = false;
        break;
      }
      if (at === levelEnds) {
        depth++;
        levelEnds = this.keys.length;
      }
      const { state, crashed } = this.unpack(this.keys[at]!, size);
      const facts = this.explorer.factsAt(state);
      if (this.explorer.facts[facts]!.broken !== null) continue;
      for (let who = 0; who < size; who++) {
        const local = state[who]!;
        for (const { step, next } of this.explorer.moves(who, local, facts, crashed < crashes)) {
          this.transitions++;
          state[who] = next;
          this.visit(state, crashed + Number(step.torn || step.action.kind === "crash"), at, step);
        }
        state[who] = local;
      }
    }
    return {
      states: this.keys.length,
      transitions: this.transitions,
      depth,
      memberSteps: this.explorer.memberSteps,
      memberStates: this.explorer.locals.reduce((sum, of) => sum + of.length, 0),
      complete: complete && (toTheEnd || this.broken.size === 0),
      broken: this.broken,
    };
  }

  private unpack(key: number, size: number): { state: number[]; crashed: number } {
    const state: number[] = new Array(size);
    let rest = key;
    for (let who = size - 1; who >= 0; who--) {
      state[who] = rest % MAX_LOCALS;
      rest = Math.floor(rest / MAX_LOCALS);
    }
    return { state, crashed: rest };
  }

  private visit(state: readonly number[], crashed: number, parent: number, step: Step | null): void {
    let key = crashed;
    for (const local of state) key = key * MAX_LOCALS + local;
    if (this.index.has(key)) return;
    const at = this.keys.length;
    this.index.set(key, at);
    this.keys.push(key);
    this.parents.push(parent);
    this.steps.push(step);
    for (let who = 0; who < state.length; who++)
      this.report(this.explorer.locals[who]![state[who]!]!.broken, at);
    this.report(this.explorer.facts[this.explorer.factsAt(state)]!.broken, at);
  }

  private report(law: string | null, at: number): void {
    if (law === null || this.broken.has(law)) return;
    const way: Step[] = [];
    for (let i = at; this.parents[i]! >= 0; i = this.parents[i]!) way.push(this.steps[i]!);
    this.broken.set(law, way.reverse());
  }
}
