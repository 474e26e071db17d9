// Answers that may be here already: a world in virtual time answers at once, the daemon when its worker has.
export type Soon<T> = T | Promise<T>;

/** Goes on with an answer: at once if it is here, so that a world without promises needs none. */
export const onceKnown = <A, B>(answer: Soon<A>, next: (answer: A) => Soon<B>): Soon<B> =>
  answer instanceof Promise ? answer.then(next) : next(answer);
