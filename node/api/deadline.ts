// How long a caller waits for an answer; the work itself goes on.
import { problem } from "./problem.js";

/** The work's result, or after `ms` the problem TIMED_OUT. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(problem("TIMED_OUT")), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
