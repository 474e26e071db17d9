// Node 20 has no Promise.withResolvers, which libp2p calls: imported first in every entry point.
// Without it a host starts, and its first dial fails with a bare ECONNRESET.

const promise = Promise as typeof Promise & { withResolvers?: unknown };
promise.withResolvers ??= function withResolvers<T>() {
  let resolve!: (value: T | PromiseLike<T>) => void;
  let reject!: (reason?: unknown) => void;
  const made = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise: made, resolve, reject };
};
