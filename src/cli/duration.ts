const secondsOf = { s: 1, min: 60, h: 3600 };

/** Seconds of `90s`, `20min` or `1.5h`; undefined of anything else. */
export function secondsIn(text: string): number | undefined {
  const { amount, unit } = /^(?<amount>\d+(?:\.\d+)?) ?(?<unit>s|min|h)$/.exec(text)?.groups ?? {};
  const seconds = Number(amount) * secondsOf[unit as keyof typeof secondsOf];
  return seconds > 0 ? seconds : undefined;
}
