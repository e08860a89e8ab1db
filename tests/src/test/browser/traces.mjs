// Makes traces/*.json, what a phone's sensor says while it is carried or shaken, from a model of the movement: gravity, a
// rhythm, impacts that die away, and noise. `node traces.mjs` writes them; shop-module.test.mjs holds them against this.
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const G = 9.81;

/** Noise that is the same every time. */
function random(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** An impact at `at`: rings at `hz`, dies away within about `fade` seconds. */
const impact = (t, at, strength, hz, fade) => (t < at ? 0 : strength * Math.exp((at - t) / fade) * Math.cos(2 * Math.PI * hz * (t - at)));

/** An arm that jerks, away and back again, and rests until the next time. */
const jerks = (t, everyS, lastsS, strength) => (t % everyS < lastsS ? strength * Math.sin((2 * Math.PI * (t % everyS)) / lastsS) : 0);

/** The same at every step. */
const steps = (t, perSecond, strength) => impact(t % (1 / perSecond), 0.02, strength, 9, 0.04);

const wave = (t, hz, strength, phase = 0) => strength * Math.sin(2 * Math.PI * hz * t + phase);
const during = (t, from, to) => (t >= from && t < to ? 1 : 0);

export const TRACES = {
  'walking-60': { hz: 60, shakes: 0, made: 'phone held before the eyes, two steps a second of ±2.5 m/s² and heel strikes of 4 m/s²',
    at: (t) => [wave(t, 1, 1), wave(t, 2, 1.2, 1), G + wave(t, 2, 2.5) + steps(t, 2, 4)] },
  'walking-20': { hz: 20, shakes: 0, made: 'as walking-60, from a phone that reports 20 times a second',
    at: (t) => [wave(t, 1, 1), wave(t, 2, 1.2, 1), G + wave(t, 2, 2.5) + steps(t, 2, 4)] },
  'pocket-60': { hz: 60, shakes: 0, made: 'brisk walk, phone upside down in a trouser pocket: the leg swings ±5 m/s², strikes of 11 m/s²',
    at: (t) => [wave(t, 1.1, 5), -G + wave(t, 2.2, 4) - steps(t, 2.2, 11), wave(t, 1.1, 3, 2)] },
  'running-60': { hz: 60, shakes: 0, made: 'running for the bus, phone in a jacket: between strikes of 14 m/s² it all but floats',
    at: (t) => [wave(t, 1.4, 3), G + Math.max(-8, wave(t, 2.8, 9)) + steps(t, 2.8, 14), wave(t, 1.4, 2, 1)] },
  'bus-60': { hz: 60, shakes: 0, made: 'standing in a bus: engine at 25 Hz, slow sway, three potholes of 15 m/s² that ring at 6 Hz',
    at: (t) => [wave(t, 0.4, 1.5), wave(t, 0.3, 1.2, 1) + wave(t, 25, 0.6),
      G + wave(t, 1.2, 1.5) + impact(t, 1, 15, 6, 0.08) + impact(t, 2.2, 13, 6, 0.08) + impact(t, 3.1, 15, 6, 0.08)] },
  'dropped-60': { hz: 60, shakes: 0, made: 'put down hard on a table: one impact of 30 m/s² that rings at 12 Hz',
    at: (t) => [0, impact(t, 1.5, 6, 12, 0.05), G + impact(t, 1.5, 30, 12, 0.05)] },
  'shake-60': { hz: 60, shakes: 1, made: 'a real shake from the wrist: 1.2 s at 5 Hz, ±24 m/s² across, after a second at rest',
    at: (t) => [during(t, 1, 2.2) * wave(t, 5, 24), during(t, 1, 2.2) * wave(t, 5, 6, 0.4), G + during(t, 1, 2.2) * wave(t, 10, 4)] },
  'shake-20': { hz: 20, shakes: 1, made: 'as shake-60, from a phone that reports 20 times a second',
    at: (t) => [during(t, 1, 2.2) * wave(t, 5, 24, 0.5), during(t, 1, 2.2) * wave(t, 5, 6, 0.9), G + during(t, 1, 2.2) * wave(t, 10, 4)] },
  'gentle-60': { hz: 60, shakes: 1, made: 'a slow arm: 1.5 s at 3 Hz, ±18 m/s² up and down, phone held sideways',
    at: (t) => [G + during(t, 1, 2.5) * wave(t, 3, 18), during(t, 1, 2.5) * wave(t, 3, 4), wave(t, 1, 0.5)] },
  'jerked-60': { hz: 60, shakes: 1, made: 'an arm that jerks and rests: three times in two seconds ±38 m/s² for a quarter of a second, as hands were recorded to do',
    at: (t) => [1, -6 + 0.4 * during(t, 1, 2.9) * jerks(t - 1, 0.62, 0.23, 38), -7.5 + during(t, 1, 2.9) * jerks(t - 1, 0.62, 0.23, 38)] },
  'jerked-20': { hz: 20, shakes: 1, made: 'as jerked-60, from a phone that reports 20 times a second',
    at: (t) => [1, -6 + 0.4 * during(t, 1, 2.9) * jerks(t - 1, 0.62, 0.23, 38), -7.5 + during(t, 1, 2.9) * jerks(t - 1, 0.62, 0.23, 38)] },
  'twice-60': { hz: 60, shakes: 2, made: 'two shakes as in shake-60, two seconds apart',
    at: (t) => [(during(t, 0.5, 1.5) + during(t, 3.5, 4.5)) * wave(t, 5, 24), 0, G] },
};

export function make(name) {
  const { hz, shakes, made, at } = TRACES[name];
  const noise = random(name.length * 7919);
  const samples = [];
  for (let i = 0; i < 5 * hz; i++) {
    const t = i / hz;
    samples.push([Math.round(t * 1_000), ...at(t).map((value) => Math.round((value + 0.4 * noise()) * 100) / 100 + 0)]);
  }
  return { made: `modelled, not measured: ${made}; noise ±0.4 m/s², 5 s at ${hz} Hz`, shakes, samples };
}

const file = (name) => new URL(`traces/${name}.json`, import.meta.url);
export const read = (name) => JSON.parse(readFileSync(file(name), 'utf8'));

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const name of Object.keys(TRACES)) {
    const { made, shakes, samples } = make(name);
    writeFileSync(file(name), `{ "made": ${JSON.stringify(made)},\n  "shakes": ${shakes},\n  "samples": ${JSON.stringify(samples)} }\n`);
  }
}
