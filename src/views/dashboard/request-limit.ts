/**
 * Limits the rate of answers: the page asks a few times a second, and each answer takes time from the training. Requests beyond the
 * limit wait with their sockets open, so that a flood is slowed down and a reader waits a moment.
 */
export interface RequestLimit {
  /** Resolves when it is this request's turn; false where too many wait already. */
  turn(): Promise<boolean>;
}

/** Requests that are answered at once after a pause; then so many a second. */
const burst = 100;
const perSecond = 50;
/** Requests that wait, at most. */
const mostWaiting = 128;

/** @param now ms */
export function limitRequests(now = () => performance.now()): RequestLimit {
  let left = burst;
  let at = now();
  const waiting: ((isTurn: boolean) => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  const refill = () => {
    const time = now();
    left = Math.min(burst, left + ((time - at) / 1000) * perSecond);
    at = time;
  };
  const serve = () => {
    refill();
    while (waiting.length > 0 && left >= 1) {
      left--;
      waiting.shift()!(true);
    }
    if (waiting.length > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
  return {
    turn() {
      refill();
      if (waiting.length === 0 && left >= 1) {
        left--;
        return Promise.resolve(true);
      }
      if (waiting.length >= mostWaiting) return Promise.resolve(false);
      timer ??= setInterval(serve, 1000 / perSecond).unref();
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
}
