/**
 * Draws the learning curves of runs as an SVG: reward and held-out accuracy over steps, and mean completion length below.
 *
 *     node scripts/learning-curve.ts docs/learning-curve.svg runs/<run> [runs/<run> ...]
 */
import { writeFileSync } from 'node:fs';
import { effectiveEvents, loadEvents } from '../src/run/read-events.ts';
import { eventsPath, openRun } from '../src/run/run-folder.ts';

interface Curve {
  task: string;
  label: string;
  reward: [step: number, value: number][];
  accuracy: [step: number, value: number][];
  length: [step: number, value: number][];
}

const [out, ...runs] = process.argv.slice(2);
if (!out || runs.length === 0) {
  console.error('usage: node scripts/learning-curve.ts <out.svg> <run> [<run> ...]');
  process.exit(2);
}
const curves = await Promise.all(runs.map(readCurve));
writeFileSync(out, drawSvg(curves));

async function readCurve(name: string): Promise<Curve> {
  const run = openRun(name, 'runs');
  const { events } = await loadEvents(eventsPath(run), { skip: ['episode'] });
  const curve: Curve = { task: run.task, label: `seed ${run.seed}`, reward: [], accuracy: [], length: [] };
  for (const event of effectiveEvents(events)) {
    if (event.type === 'step') {
      curve.reward.push([event.step, event.reward]);
      curve.length.push([event.step, event.meanLength]);
    }
    if (event.type === 'evaluation') curve.accuracy.push([event.step, event.accuracy]);
  }
  return curve;
}

function drawSvg(all: readonly Curve[]): string {
  const width = 760;
  const left = 56;
  const plotWidth = width - left - 20;
  const colours = ['#2563eb', '#d97706', '#059669'];
  const lastStep = Math.max(...all.flatMap((curve) => curve.reward.map(([step]) => step)));
  const longest = Math.max(...all.flatMap((curve) => curve.length.map(([, value]) => value)));
  const lengthTop = Math.ceil(longest / 20) * 20;
  const x = (step: number) => left + (step / lastStep) * plotWidth;
  const panel = (top: number, height: number, most: number) => (value: number) => top + height - (value / most) * height;
  const accuracyY = panel(40, 240, 1);
  const lengthY = panel(340, 110, lengthTop);
  const path = (points: readonly [number, number][], y: (value: number) => number) =>
    points.map(([step, value], i) => `${i === 0 ? 'M' : 'L'}${x(step).toFixed(1)} ${y(value).toFixed(1)}`).join(' ');
  const grid = (values: readonly number[], y: (value: number) => number, format: (value: number) => string) =>
    values.map((value) => `<path d="M${left} ${y(value)}H${left + plotWidth}" stroke="#e5e7eb"/><text x="${left - 8}" y="${y(value) + 4}" text-anchor="end">${format(value)}</text>`);
  const steps = Array.from({ length: Math.floor(lastStep / 10) + 1 }, (_, i) => i * 10);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} 490" font-family="system-ui, sans-serif" font-size="12" fill="#374151">`,
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    `<text x="${left}" y="22" font-size="14" font-weight="600">${all[0]?.task}: reward of each step (thin), accuracy on held-out problems (dots)</text>`,
    ...grid([0, 0.25, 0.5, 0.75, 1], accuracyY, (value) => value.toFixed(2)),
    `<text x="${left}" y="322" font-size="14" font-weight="600">mean completion length, tokens</text>`,
    ...grid([0, lengthTop / 2, lengthTop], lengthY, (value) => value.toFixed(0)),
    ...steps.map((step) => `<text x="${x(step)}" y="470" text-anchor="middle">${step}</text>`),
    `<text x="${left + plotWidth}" y="486" text-anchor="end">step</text>`,
    ...all.flatMap((curve, i) => {
      const colour = colours[i % colours.length] ?? '#000000';
      return [
        `<path d="${path(curve.reward, accuracyY)}" fill="none" stroke="${colour}" stroke-opacity="0.45" stroke-width="1.3"/>`,
        `<path d="${path(curve.accuracy, accuracyY)}" fill="none" stroke="${colour}" stroke-width="2.4"/>`,
        ...curve.accuracy.map(([step, value]) => `<circle cx="${x(step).toFixed(1)}" cy="${accuracyY(value).toFixed(1)}" r="3" fill="${colour}"/>`),
        `<path d="${path(curve.length, lengthY)}" fill="none" stroke="${colour}" stroke-width="2"/>`,
        `<text x="${left + plotWidth - 10}" y="${accuracyY(0.06 + 0.07 * (all.length - 1 - i))}" text-anchor="end" fill="${colour}" font-weight="600">${curve.label}</text>`,
      ];
    }),
    '</svg>',
    '',
  ].join('\n');
}
