// The lanes in the order in which they are shown. The mark tells them apart
// where colour does not.

import * as shortPoll from './shortpoll.js';
import * as longPoll from './longpoll.js';
import * as sse from './sse.js';
import * as websocket from './websocket.js';

export const lanes = [
  { name: 'short-poll', follow: shortPoll.follow, mark: 'square' },
  { name: 'long-poll', follow: longPoll.follow, mark: 'triangle' },
  { name: 'sse', follow: sse.follow, mark: 'diamond' },
  { name: 'websocket', follow: websocket.follow, mark: 'circle' },
];

// Outlines within -6..6.
export const marks = {
  square: 'M-5-5H5V5H-5Z',
  triangle: 'M0-6L6 5H-6Z',
  diamond: 'M0-6.5L6.5 0L0 6.5L-6.5 0Z',
  circle: 'M-5.5 0A5.5 5.5 0 1 1 5.5 0A5.5 5.5 0 1 1-5.5 0Z',
};
