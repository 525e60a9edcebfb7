/** Puck.js: a demonstrator, with a token of its own (token.ts) because the full one does not fit. */
import { guard } from '../espruino/guard.js';
import { switchOn } from './hardware.js';
import { startSmallToken } from './token.js';

guard();
switchOn();
startSmallToken();
