/** The one button: a short press admits a counter over Bluetooth, every press is told. */

/** Seconds; shorter presses admit a counter. */
const LONG_PRESS = 3;
const DEBOUNCE_MILLISECONDS = 25;

/** Calls `pressed` with the seconds that the button was held, once it is released. */
export function watchButton(admitCounter: () => void, pressed: (seconds: number) => void): void {
  if (typeof BTN1 === 'undefined') return;
  setWatch(
    (event) => {
      if (event.state) return;
      const seconds = event.time - event.lastTime;
      if (seconds < LONG_PRESS) admitCounter();
      pressed(seconds);
    },
    BTN1,
    { repeat: true, edge: 'both', debounce: DEBOUNCE_MILLISECONDS },
  );
}
