const epsilon = 2 ** -52;

/**
 * Brent's search for a root between two points, step by step as R's `zeroin` goes: where the function is a staircase, as
 * a rank test's is, the steps decide which point is found.
 *
 * @param tolerance - absolute: the width of the interval that is good enough
 * @see Brent, Algorithms for Minimization without Derivatives, 1973, chapter 4
 */
export function zeroin(fn: (x: number) => number, from: number, to: number, tolerance: number): number {
  let [a, fa] = [from, fn(from)];
  let [b, fb] = [to, fn(to)];
  // c is across the root from b, the best point so far; a was the best before.
  let [c, fc] = [a, fa];
  if (fa === 0) return a;
  for (let iteration = 0; iteration <= 1000 && fb !== 0; iteration++) {
    const previous = b - a;
    if (Math.abs(fc) < Math.abs(fb)) {
      [a, fa] = [b, fb];
      [b, fb] = [c, fc];
      [c, fc] = [a, fa];
    }
    const enough = 2 * epsilon * Math.abs(b) + tolerance / 2;
    const half = (c - b) / 2;
    if (Math.abs(half) <= enough || fb === 0) return b;
    let step = half;
    if (Math.abs(previous) >= enough && Math.abs(fa) > Math.abs(fb)) step = interpolated(half, previous, enough);
    if (Math.abs(step) < enough) step = step > 0 ? enough : -enough;
    [a, fa] = [b, fb];
    b += step;
    fb = fn(b);
    if ((fb > 0 && fc > 0) || (fb < 0 && fc < 0)) [c, fc] = [a, fa];
  }
  return b;

  /** A secant's or a parabola's step, if it stays well inside; else half of the interval. */
  function interpolated(half: number, previous: number, enough: number): number {
    const width = c - b;
    let [p, q] = [0, 0];
    if (a === c) {
      const slope = fb / fa;
      [p, q] = [width * slope, 1 - slope];
    } else {
      const [r, s, t] = [fa / fc, fb / fc, fb / fa];
      p = t * (width * r * (r - s) - (b - a) * (s - 1));
      q = (r - 1) * (s - 1) * (t - 1);
    }
    if (p > 0) q = -q;
    else p = -p;
    const isInside = p < 0.75 * width * q - Math.abs(enough * q) / 2 && p < Math.abs((previous * q) / 2);
    return isInside ? p / q : half;
  }
}
