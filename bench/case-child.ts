import { CASES } from './cases.ts';
import { type Measured, measure } from './measure.ts';
import { SampleFolder } from './sample-folder.ts';

/** What the child tells the parent. */
export interface CaseResult {
  items: number;
  measured: Measured;
  /** Time of an item over the time of an item of the floor, of medians taken in turns. */
  timesFloor: number | undefined;
  floorNs: number | undefined;
}

// Run by main.ts in a process of its own: types seen by one case would slow down the next.
const [root, name, runs] = process.argv.slice(2);
const found = CASES.find((each) => each.name === name);
if (found === undefined) throw new RangeError(`no case is called "${name}"`);
const folder = new SampleFolder(root);
const work = await found.prepare(folder);
const floor = await found.floor?.(folder);
const works = floor === undefined ? [work.run] : [work.run, floor.run];
const [measured, floorMeasured] = await measure(works, Number(runs));
const result: CaseResult = {
  items: work.items,
  measured,
  timesFloor: undefined,
  floorNs: undefined,
};
if (floor !== undefined) {
  const floorS = floorMeasured.medianS / floor.items;
  result.timesFloor = measured.medianS / work.items / floorS;
  result.floorNs = floorS * 1e9;
}
process.stdout.write(JSON.stringify(result));
