import { mulberry32 } from '../../../backtests/metrics/bootstrap.ts';
import { Atr } from '../../../indicators/basic/atr.ts';
import type { BarClosed } from '../../engine/event.ts';
import { type Intent, NO_INTENTS, type TradePlan } from '../../engine/plan.ts';
import type { Strategy, StrategyView } from '../../engine/strategy.ts';
import { HOUR_MS } from '../../engine/units.ts';

const WEEK_HOURS = 168;
const ATR_LENGTH = 14;

/** A real entry, freed of its moment: distances in ATR, the hour of the week it fell into. */
export interface EntryTemplate {
  plan: TradePlan;
  hourOfWeek: number;
}

export function templateOf(plan: TradePlan, decidedMs: number): EntryTemplate {
  return { plan, hourOfWeek: Math.floor(decidedMs / HOUR_MS) % WEEK_HOURS };
}

export interface ScheduledEntry {
  atMs: number;
  template: EntryTemplate;
}

/**
 * Random moments for resampled entries: each keeps its side, stop / ATR, place of the block / ATR and
 * hour of the week, in a random week of the span; none within `gapMs` of another, as real trades do
 * not overlap. Fewer than asked when the span is full.
 */
export function randomSchedule(
  templates: readonly EntryTemplate[],
  options: { count: number; fromMs: number; toMs: number; gapMs: number; seed: number },
): ScheduledEntry[] {
  const { count, fromMs, toMs, gapMs } = options;
  const random = mulberry32(options.seed);
  const weekMs = WEEK_HOURS * HOUR_MS;
  const out: ScheduledEntry[] = [];
  const firstWeek = Math.floor(fromMs / weekMs);
  const weeks = Math.floor(toMs / weekMs) - firstWeek + 1;
  for (let tries = 0; out.length < count && tries < 50 * count; tries++) {
    const template = templates[Math.floor(random() * templates.length)];
    const week = firstWeek + Math.floor(random() * weeks);
    const atMs = week * weekMs + (template.hourOfWeek + random()) * HOUR_MS;
    if (atMs < fromMs || atMs >= toMs) continue;
    if (out.some((other) => Math.abs(other.atMs - atMs) < gapMs)) continue;
    out.push({ atMs, template });
  }
  return out.sort((a, b) => a.atMs - b.atMs);
}

/**
 * A strategy with its entries replaced by a schedule: exits, trail and time-outs stay its own. Each
 * entry is taken on the first closed bar after its moment on which nothing is open.
 */
export class RandomEntry implements Strategy {
  declare readonly id: string;
  declare readonly symbols: readonly string[];
  declare private readonly inner: Strategy;
  declare private readonly symbol: string;
  declare private readonly timeframeMs: number;
  declare private readonly schedule: readonly ScheduledEntry[];
  private readonly atr = new Atr(ATR_LENGTH);
  private next = 0;

  constructor(options: {
    inner: Strategy;
    symbol: string;
    signalTimeframeMs: number;
    schedule: readonly ScheduledEntry[];
  }) {
    this.inner = options.inner;
    this.id = options.inner.id;
    this.symbols = options.inner.symbols;
    this.symbol = options.symbol;
    this.timeframeMs = options.signalTimeframeMs;
    this.schedule = options.schedule;
  }

  onBar(bar: BarClosed, view: StrategyView): readonly Intent[] {
    const kept = this.inner
      .onBar(bar, view)
      .filter(({ kind }) => kind !== 'enter' && kind !== 'alert' && kind !== 'decline');
    if (bar.symbol !== this.symbol || bar.timeframeMs !== this.timeframeMs) return kept;
    this.atr.update(bar.high, bar.low, bar.close);
    const due = this.schedule[this.next];
    if (due === undefined || due.atMs > view.nowMs) return kept;
    this.next++;
    if (view.tradeOn(this.symbol) !== undefined || Number.isNaN(this.atr.value)) return kept;
    const plan = planAt(due.template, { close: bar.close, atr: this.atr.value });
    return [...kept, { kind: 'enter', plan }];
  }

  onMark: Strategy['onMark'] = (mark, view) => this.inner.onMark?.(mark, view) ?? NO_INTENTS;

  save(): unknown {
    return { inner: this.inner.save(), next: this.next };
  }

  load(): void {
    throw new RangeError('random entries are for backtests: they are not resumed');
  }
}

/** The template's distances at another price and ATR. */
function planAt(template: EntryTemplate, at: { close: number; atr: number }): TradePlan {
  const { plan } = template;
  const scale = at.atr / plan.atr;
  const { decisionPrice, midPrice } = plan.entry;
  const moved = (price: number) => at.close + (price - decisionPrice) * scale;
  return {
    ...plan,
    tag: 'random',
    reasons: ['random entry'],
    entry: { ...plan.entry, decisionPrice: at.close, midPrice: moved(midPrice) },
    stopPrice: moved(plan.stopPrice),
    atr: at.atr,
    context: {},
  };
}
