/** An image for Linux tokens: the portable token, for the process that loads it (images.ts) to start on its own ports. */
import { startToken } from '../../token/token.js';
import { VERSION } from '../../version.js';

galetImage(startToken, VERSION);
