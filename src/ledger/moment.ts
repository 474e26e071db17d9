// What a header tells of the moment at which an entry stands in the log.
export interface Moment {
  readonly height: number;
  /** ledger time */
  readonly timeMs: number;
  readonly parentTimeMs: number;
  /** the leader's seat in the epoch's set */
  readonly leader: number;
  readonly epoch: number;
  /** F of the epoch's set */
  readonly tolerance: number;
  /** up to where the leader had executed the log, and the same of the parent entry */
  readonly execHeight: number;
  readonly parentExecHeight: number;
}
