// Work that is done in place, some in each turn of the event loop, so that sockets and timers are heard in between.

/** Jobs done in one turn: of 0.1 ms each, about a millisecond. */
const EACH_TURN = 12;

type Job = () => void;

/** Jobs in the order in which they came; where urgent ones and others wait, they take turns. */
export class Turns {
  private readonly urgent: Job[] = [];
  private readonly others: Job[] = [];
  private left = EACH_TURN;
  private isAwaited = false;

  /** What `job` returns: at once, as far as the promise lets see, if the turn has room and nothing waits. */
  take<T>(job: () => T, isUrgent: boolean): Promise<T> {
    this.awaitTurn();
    if (this.left > 0 && this.urgent.length === 0 && this.others.length === 0) {
      this.left--;
      return new Promise((resolve) => resolve(job()));
    }
    return new Promise((resolve, reject) => {
      (isUrgent ? this.urgent : this.others).push(() => {
        try {
          resolve(job());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  private awaitTurn(): void {
    if (this.isAwaited) return;
    this.isAwaited = true;
    setImmediate(() => {
      this.isAwaited = false;
      this.left = EACH_TURN;
      let wasUrgent = false;
      while (this.left > 0) {
        const [first, second] = wasUrgent ? [this.others, this.urgent] : [this.urgent, this.others];
        const job = first.shift() ?? second.shift();
        if (job === undefined) return;
        wasUrgent = !wasUrgent;
        this.left--;
        job();
      }
      if (this.urgent.length + this.others.length > 0) this.awaitTurn();
    });
  }
}
