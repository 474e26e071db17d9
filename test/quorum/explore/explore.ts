// The search: every state that three honest members can reach together, breadth first, and the laws that hold in each.
import { type Exploration, MAX_LOCALS, Moves, type Step } from "./moves.js";
import type { Name } from "./names.js";
import { Visited } from "./visited.js";

export interface Explored {
  readonly states: number;
  readonly transitions: number;
  /** steps to the farthest state */
  readonly depth: number;
  /** states in which nothing more can happen */
  readonly ends: number;
  /** distinct (state of one member, event) pairs: how often the product's own code was asked */
  readonly memberSteps: number;
  readonly memberStates: number;
  /** whether every state was visited */
  readonly complete: boolean;
  /** laws that were broken, each with a shortest way to it */
  readonly broken: ReadonlyMap<string, readonly Step[]>;
  readonly search: Search;
}

/** Visits every state that can be reached. Stops at the first broken law unless it is to go on. */
export function explore(options: Exploration): Explored {
  return new Search(new Moves(options), options).run();
}

/** Numbers of member states, and how many crashes there were. */
interface Joint {
  readonly locals: number[];
  readonly crashed: number;
}

export class Search {
  private readonly visited = new Visited();
  private readonly broken = new Map<string, readonly Step[]>();
  private transitions = 0;
  private ends = 0;

  constructor(
    readonly moves: Moves,
    private readonly options: Exploration,
  ) {}

  run(): Explored {
    const { toTheEnd = false, maxStates = Number.POSITIVE_INFINITY, maxDepth } = this.options;
    this.visit(this.moves.start, 0, -1);
    let depth = 0;
    let levelEnds = 1;
    let at = 0;
    for (; at < this.visited.size && this.visited.size <= maxStates; at++) {
      if (this.broken.size > 0 && !toTheEnd) break;
      if (at === levelEnds) {
        if (depth + 1 === maxDepth) break;
        depth++;
        levelEnds = this.visited.size;
      }
      this.expand(at);
    }
    return {
      states: this.visited.size,
      transitions: this.transitions,
      depth,
      ends: this.ends,
      memberSteps: this.moves.memberSteps,
      memberStates: this.moves.locals.reduce((sum, of) => sum + of.length, 0),
      complete: at === this.visited.size,
      broken: this.broken,
      search: this,
    };
  }

  /** Every joint state visited, as what each member said. */
  *profiles(): Iterable<string> {
    for (let at = 0; at < this.visited.size; at++) yield this.moves.profileOf(this.unpack(at).locals);
  }

  /** Every state with two conflicting final entries, and what each honest seat had said by then. */
  *forks(): Iterable<{
    readonly names: readonly [Name, Name];
    readonly said: ReadonlyMap<number, ReadonlySet<string>>;
  }> {
    for (let at = 0; at < this.visited.size; at++) {
      const { locals } = this.unpack(at);
      const names = this.moves.facts[this.moves.factsAt(locals)]!.fork;
      if (names !== null) yield { names, said: this.moves.wordsAt(locals) };
    }
  }

  private expand(at: number): void {
    const { locals, crashed } = this.unpack(at);
    const facts = this.moves.factsAt(locals);
    const { broken, fork } = this.moves.facts[facts]!;
    if (fork !== null || (broken !== null && !this.options.toTheEnd)) return;
    const before = this.transitions;
    for (let who = 0; who < locals.length; who++) {
      const local = locals[who]!;
      for (const move of this.moves.of(who, local, facts, crashed < this.options.crashes)) {
        this.transitions++;
        locals[who] = move.next;
        this.visit(locals, crashed + crashesIn(move.step), at);
      }
      locals[who] = local;
    }
    if (this.transitions > before) return;
    this.ends++;
    if (!this.moves.isOver(locals)) this.report("stuck: nothing can happen, and a term is not over", at);
  }

  private unpack(at: number): Joint {
    const locals: number[] = new Array(this.moves.seats.length);
    let rest = this.visited.keyAt(at);
    for (let who = locals.length - 1; who >= 0; who--) {
      locals[who] = rest % MAX_LOCALS;
      rest = Math.floor(rest / MAX_LOCALS);
    }
    return { locals, crashed: rest };
  }

  private visit(locals: readonly number[], crashed: number, parent: number): void {
    let key = crashed;
    for (const local of locals) key = key * MAX_LOCALS + local;
    if (!this.visited.add(key, parent)) return;
    const at = this.visited.size - 1;
    for (let who = 0; who < locals.length; who++) {
      const { broken } = this.moves.locals[who]![locals[who]!]!;
      if (broken !== null) this.report(broken, at);
    }
    const { broken } = this.moves.facts[this.moves.factsAt(locals)]!;
    if (broken !== null) this.report(broken, at);
  }

  private report(law: string, at: number): void {
    if (this.broken.has(law)) return;
    const way: Step[] = [];
    for (let to = at; this.visited.parentAt(to) >= 0; to = this.visited.parentAt(to)) {
      way.push(this.stepBetween(this.unpack(this.visited.parentAt(to)), this.unpack(to)));
    }
    this.broken.set(law, way.reverse());
  }

  /** The move that leads from one joint state to the next: found again, so that millions need not be kept. */
  private stepBetween(from: Joint, to: Joint): Step {
    const who = from.locals.findIndex((local, i) => local !== to.locals[i]);
    const mayCrash = from.crashed < this.options.crashes;
    const moves = this.moves.of(who, from.locals[who]!, this.moves.factsAt(from.locals), mayCrash);
    return moves.find(
      ({ step, next }) => next === to.locals[who] && from.crashed + crashesIn(step) === to.crashed,
    )!.step;
  }
}

const crashesIn = ({ torn, action }: Step): number => Number(torn || action.kind === "crash");
