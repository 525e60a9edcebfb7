/** The one button: every press admits a counter over Bluetooth, and is told. */

const DEBOUNCE_MILLISECONDS = 25;

/** Calls `admitCounter`, and then `pressed` with the seconds that the button was held, once it is released. */
export function watchButton(admitCounter: () => void, pressed: (seconds: number) => void): void {
  if (typeof BTN1 === 'undefined') return;
  setWatch(
    (event) => {
      if (event.state) return;
      admitCounter();
      pressed(event.time - event.lastTime);
    },
    BTN1,
    { repeat: true, edge: 'both', debounce: DEBOUNCE_MILLISECONDS },
  );
}
