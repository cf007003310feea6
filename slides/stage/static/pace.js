// Whether the talk is ahead of its plan, or behind.

const tolerance = 1; // minute

// pace compares. blocks are those of the plan, with their minutes; slides are
// those of the deck, each in a block; place is the slide that is shown.
//
// The slides of a block share its minutes evenly. That is not how people talk,
// so nobody is told of a minute.
export function pace(blocks, slides, place, elapsed) {
  const id = slides[place].block;
  const i = blocks.findIndex((block) => block.id === id);
  if (i < 0) return { state: 'none' };
  const { minutes } = blocks[i];
  if (!minutes) return { state: 'cut', id };

  const begins = blocks.slice(0, i).reduce((sum, block) => sum + block.minutes, 0);
  const own = slides.flatMap((slide, n) => slide.block === id ? [n] : []);
  const share = minutes / own.length;
  const from = begins + share * own.indexOf(place);
  const left = Math.min(minutes, Math.max(0, Math.ceil(begins + minutes - elapsed)));
  if (elapsed < from - tolerance) return { state: 'ahead', id, left, n: Math.floor(from - elapsed) };
  const late = elapsed - (from + share);
  if (late > tolerance) return { state: 'behind', id, left, n: Math.floor(late) };
  return { state: 'ontime', id, left };
}
