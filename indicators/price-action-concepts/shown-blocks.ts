import { type BlockList, SHOWN_BLOCKS } from './volumetric-order-blocks.ts';

/** One block as a chart draws it. */
export interface ShownBlock {
  id: number;
  side: 1 | -1;
  top: number;
  middle: number;
  bottom: number;
  originTime: number;
  createdBar: number;
  volume: number;
  bought: number;
  sold: number;
  dominance: number;
}

/**
 * The newest active blocks of a side, newest first. Hiding overlaps keeps the more recent of two
 * that share prices; it is a matter of display and changes no event.
 */
export function shownBlocks(
  list: BlockList,
  options: { last?: number; hideOverlap?: boolean } = {},
): ShownBlock[] {
  const { last = SHOWN_BLOCKS, hideOverlap = true } = options;
  const shown: ShownBlock[] = [];
  let below = Number.POSITIVE_INFINITY;
  for (let at = list.newestBelow(below); at >= 0; at = list.newestBelow(below)) {
    below = list.id[at];
    if (shown.length === last) break;
    const top = list.top(at);
    const bottom = list.bottom(at);
    const isCovered = shown.some((newer) => bottom <= newer.top && top >= newer.bottom);
    if (hideOverlap && isCovered) continue;
    shown.push({
      id: list.id[at],
      side: list.side,
      top,
      middle: (top + bottom) / 2,
      bottom,
      originTime: list.originTime[at],
      createdBar: list.createdBar[at],
      volume: list.volume[at],
      bought: list.bought[at],
      sold: list.sold[at],
      dominance: list.dominance[at],
    });
  }
  return shown;
}
