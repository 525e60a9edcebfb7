/** Rates measured in turns, so that a machine that slows down slows the figure and its baseline alike. */

export interface Subject {
  name: string;
  /** Does the work `times` times. */
  run(times: number): void;
}

export interface Rate {
  name: string;
  /** Operations a second, the median of the rounds. */
  perSecond: number;
  /** Median over the rounds of this rate divided by the baseline's in the same round. */
  ofBaseline: number;
  /** The baseline's name. */
  baseline: string;
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}

/** Runs for about `seconds` and gives operations a second. `now` counts seconds. */
function rate(subject: Subject, seconds: number, now: () => number): number {
  let times = 1;
  for (;;) {
    const start = now();
    subject.run(times);
    const took = now() - start;
    if (took >= seconds) return times / took;
    times = Math.max(times * 2, Math.ceil((times * seconds) / Math.max(took, 1e-6)));
  }
}

export function measure(subjects: Subject[], baseline: Subject, rounds: number, now: () => number): Rate[] {
  const all = [baseline, ...subjects];
  const rates = all.map((): number[] => []);
  for (const subject of all) rate(subject, 0.1, now);
  for (let round = 0; round < rounds; round++) {
    for (const [i, subject] of all.entries()) rates[i]?.push(rate(subject, 0.2, now));
  }
  const [base = []] = rates;
  return all.map(({ name }, i) => {
    const own = rates[i] ?? [];
    const ofBaseline = median(own.map((value, k) => value / (base[k] as number)));
    return { name, perSecond: median(own), ofBaseline, baseline: baseline.name };
  });
}
