// Stands in for the parts of a board that the interpreter's Linux build lacks. ES5 as Espruino understands it; it runs
// before the firmware. SIM is put in front of it by interpreter.ts: {seed, speed, unix, cut, battery}.
// Control lines arrive as JSON on the same pipe as the link; reports leave as JSON lines. Neither looks like a frame.
var STAND = { scan: null, press: null, pressedAt: 0, ops: 0, address: '', random: 0, heard: 0, signal: '' };

function report(what) {
  USB.write(JSON.stringify(what) + '\n');
}

// Time: as fast as the test wants it, from the moment it says.
var realTime = getTime;
var realTimeout = setTimeout;
var realInterval = setInterval;
var zero = realTime();
var shift = 0;
global.getTime = () => SIM.unix + shift + (realTime() - zero) * SIM.speed;
global.setTime = (seconds) => {
  shift += seconds - getTime();
};
global.setTimeout = (callback, milliseconds) => realTimeout(callback, milliseconds / SIM.speed);
global.setInterval = (callback, milliseconds) => realInterval(callback, milliseconds / SIM.speed);

// Randomness: the Linux build's generator is one fixed sequence.
STAND.random = SIM.seed | 1;
E.hwRand = () => {
  var x = STAND.random;
  x ^= x << 13;
  x ^= x >>> 17;
  x ^= x << 5;
  STAND.random = x | 0;
  return STAND.random;
};
E.getBattery = () => SIM.battery;
E.enableWatchdog = () => {};
E.kickWatchdog = () => {};

// Flash: every operation is counted, and the one numbered `cut` is the last thing that happens.
var realRequire = require;
var realFlash = realRequire('Flash');
function cutHere() {
  STAND.ops++;
  if (STAND.ops === SIM.cut) E.reboot(); // on Linux this ends the process at once, whatever was under way
}
var FLASH = {
  getPage: (address) => realFlash.getPage(address),
  read: (length, address) => realFlash.read(length, address),
  write: (data, address) => {
    realFlash.write(data, address);
    cutHere();
  },
  erasePage: (address) => {
    realFlash.erasePage(address);
    cutHere();
  },
};
global.require = (name) => (name === 'Flash' ? FLASH : realRequire(name));

// The radio: adverts leave, sightings arrive.
var NRF = {
  setAdvertising: (data, options) => {
    STAND.payload = E.toUint8Array(data);
    STAND.options = options;
    if (STAND.awake) NRF.tell();
  },
  tell: () => {
    report({
      t: 'advert',
      at: getTime(),
      address: STAND.address,
      data: [].slice.call(STAND.payload),
      interval: STAND.options.interval,
      connectable: STAND.options.connectable,
    });
  },
  setAddress: (address) => {
    STAND.scan = null;
    STAND.address = address;
  },
  setTxPower: (power) => {
    STAND.power = power;
  },
  setScan: (callback, options) => {
    STAND.scan = callback || null;
    if (callback) report({ t: 'scan', at: getTime(), window: options.window });
  },
  sleep: () => {
    if (STAND.awake) report({ t: 'silent', at: getTime() });
    STAND.awake = false;
  },
  wake: () => {
    STAND.awake = true;
    if (STAND.payload) NRF.tell();
  },
};

// The button, and what the wearer is told.
var BTN1 = {};
global.setWatch = (callback) => {
  STAND.press = callback;
};
var LED1 = { write: () => {} };
var LED2 = LED1;
var LED3 = LED1;
var D2 = LED1;
var D14 = LED1;
var D19 = LED1;
var D32 = {
  analog: () => SIM.battery / 235,
};
var Bangle = { setOptions: () => {}, setLCDPower: () => {} };
// A screen that keeps nothing: the watch's own is not among its variables either.
var g = Graphics.createCallback(176, 176, 1, { setPixel: () => {}, fillRect: () => {} });

var control = '';
var COMMANDS = {
  heard: (m) => {
    var data = new Uint8Array(m.data);
    STAND.heard++;
    if (STAND.scan) STAND.scan({ rssi: m.rssi, data: data.buffer });
  },
  press: (m) => {
    if (STAND.press) STAND.press({ state: false, time: m.seconds, lastTime: 0 });
  },
  memory: () => {
    report({ t: 'memory', usage: process.memory().usage, total: process.memory().total, ops: STAND.ops });
  },
  battery: (m) => {
    SIM.battery = m.percent;
  },
  cut: (m) => {
    SIM.cut = STAND.ops + m.after;
  },
};
function command(line) {
  var m;
  try {
    m = JSON.parse(line);
  } catch (e) {
    return;
  }
  if (m && COMMANDS[m.t]) COMMANDS[m.t](m);
}
USB.on('data', (data) => {
  control += data;
  var end = control.indexOf('\n');
  while (end >= 0) {
    if (control[0] === '{') command(control.substr(0, end));
    control = control.substr(end + 1);
    end = control.indexOf('\n');
  }
  if (control.length > 600) control = '';
});
