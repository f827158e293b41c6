import { readBarFile } from '../readers/read-bars.ts';
import type { Series } from './archive-layout.ts';

/** What became of one series; stamps are months (`2023-01`) or days (`2023-01-15`). */
export interface SeriesReport {
  series: Series;
  fetched: string[];
  /** Already in the store and right. */
  kept: string[];
  overRest: { stamp: string; rows: number }[];
  /** Before the symbol was listed. */
  notListed: string[];
  /** In no archive and not to be had over REST. */
  missing: string[];
  /** Files replaced by a longer one of the archive. */
  superseded: number;
  failed: { stamp: string; message: string; hint: string | undefined }[];
  /** Files of the store that hold the range, in order of time. */
  paths: string[];
}

export interface Gap {
  fromMs: number;
  toMs: number;
  bars: number;
}

export function emptyReport(series: Series): SeriesReport {
  return {
    series,
    fetched: [],
    kept: [],
    overRest: [],
    notListed: [],
    missing: [],
    superseded: 0,
    failed: [],
    paths: [],
  };
}

/** Stretches without bars between the first and the last bar of some kline files. */
export function findGaps(paths: readonly string[], timeframeMs: number): Gap[] {
  const times: number[] = [];
  for (const path of paths) {
    const { rows } = readBarFile(path);
    for (let i = 0; i < rows.length; i++) times.push(rows.openTime[i]);
  }
  times.sort((a, b) => a - b);
  const gaps: Gap[] = [];
  for (let i = 1; i < times.length; i++) {
    const bars = Math.round((times[i] - times[i - 1]) / timeframeMs) - 1;
    if (bars > 0) gaps.push({ fromMs: times[i - 1] + timeframeMs, toMs: times[i], bars });
  }
  return gaps;
}
