import { describe, expect, it } from 'vitest';
import { createWatch } from '../../device/boards/bangle2/watch.js';
import { BLINK_SECONDS, COLOUR_YELLOW } from '../../device/link/messages.js';

/** A watch on a screen that notes its background and words, and on a clock that a test turns. */
function watchOnWrist() {
  const drawn: string[] = [];
  let now = 0;
  let timer: { at: number; callback: () => void } | undefined;
  let background = '';
  const g: Graphics = {
    reset: () => g,
    clear() {
      drawn.push(background);
      return g;
    },
    setColor: () => g,
    setBgColor(red, green, blue) {
      background = `${red}${green}${blue}`;
      return g;
    },
    setFont: () => g,
    stringWidth: () => 1,
    drawString(text) {
      if (!drawn.at(-1)?.endsWith(` ${text}`)) drawn.push(`${drawn.pop()} ${text}`);
      return g;
    },
    fillRect: () => g,
    fillEllipse: () => g,
    fillCircle: () => g,
    fillPoly: () => g,
  };
  const clock = {
    monotonic: () => now,
    rtc: () => 0,
    setRtc: () => {},
    after(seconds: number, callback: () => void) {
      const made = { at: now + seconds, callback };
      timer = made;
      return () => {
        if (timer === made) timer = undefined;
      };
    },
  };
  const watch = createWatch(clock, { percent: () => 80 }, g, () => {}, 'fr');
  return {
    watch,
    drawn,
    /** Time passes; what is drawn meanwhile. */
    pass(seconds: number): string[] {
      const from = drawn.length;
      const end = now + seconds;
      while (timer && timer.at <= end) {
        const { at, callback } = timer;
        timer = undefined;
        now = at;
        callback();
      }
      now = end;
      return drawn.slice(from);
    },
  };
}

describe('the watch', () => {
  it('blinks a colour with its word for a minute, and then shows what it showed', () => {
    const { watch, drawn, pass } = watchOnWrist();
    watch.show('visit', '');
    const face = drawn.at(-1);
    watch.blink(COLOUR_YELLOW);
    const blinks = [drawn.at(-1), ...pass(BLINK_SECONDS - 0.1)];
    expect(blinks).toHaveLength(2 * BLINK_SECONDS);
    expect(new Set(blinks)).toEqual(new Set(['110 JAUNE', '111 JAUNE']));
    expect(blinks.every((blink, index) => index === 0 || blink !== blinks[index - 1])).toBe(true);
    expect(pass(0.2)).toEqual([face]);
    expect(pass(59)).toEqual([]);
  });

  it('goes on blinking when another signal comes, which is shown after it', () => {
    const { watch, drawn, pass } = watchOnWrist();
    watch.blink(COLOUR_YELLOW);
    pass(10);
    watch.show('kept', '');
    expect(drawn.at(-1)).toContain('JAUNE');
    pass(51);
    expect(drawn.at(-1)).toContain("C'EST FAIT");
  });

  it('shows a question at once', () => {
    const { watch, drawn, pass } = watchOnWrist();
    watch.blink(COLOUR_YELLOW);
    pass(10);
    watch.show('consent', '');
    expect(drawn.at(-1)).toContain('APPUYEZ');
    expect(pass(50).some((drawing) => drawing.includes('JAUNE'))).toBe(false);
  });
});
