/**
 * Limits the rate of requests, since each answer takes time from the training; a page sends only a few per second. Requests beyond the
 * limit wait with open sockets: a flood is slowed down, and a user waits a moment.
 */
export interface RequestLimit {
  /** Resolves to true when it is this request's turn, or to false if too many are waiting. */
  turn(): Promise<boolean>;
}

/** A token bucket: its size, and the tokens added per second. */
const burst = 100;
const perSecond = 50;
/** Largest number of waiting requests. */
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
