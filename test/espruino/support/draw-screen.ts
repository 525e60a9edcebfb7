/** Draws one of the screens on `g`: built and run as firmware is. */
import { createFace } from '../../../device/boards/bangle2/face.js';
import { screens } from '../../support/screens.js';

declare const whichScreen: number;

const screen = screens[whichScreen];
if (screen) createFace(g, screen.language).draw(screen.state);
