// The phone in the speaker's hand.

import { begin } from './notes.js';

begin();
