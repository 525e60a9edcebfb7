// Stands in for the parts of a board that the interpreter's Linux build lacks. ES5 as Espruino understands it; it runs
// before the firmware. SIM is put in front of it by interpreter.ts: {seed, speed, unix, cut, battery, bluetooth}.
// At speed 0 time stands still: a `step` moves it, from timer to timer, and `live` lets it run with real time.
// Control lines arrive as JSON on the same pipe as the link; reports leave as JSON lines. Neither looks like a frame.
var before = process.memory().usage;
var STAND = { scan: null, press: null, pressedAt: 0, ops: 0, address: '', random: 0, heard: 0, signal: '', peak: 0, around: 0, said: 0, connected: false };

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
// Text is what the selector starts an image by: at once. It is reported when the image has come to the end of its script.
function startImage(code, milliseconds) {
  realTimeout(code, milliseconds);
  return realTimeout(() => report({ t: 'started', at: getTime() }), milliseconds + 1);
}
global.setTimeout = (callback, milliseconds) => {
  if (typeof callback === 'string') return startImage(callback, milliseconds);
  return realTimeout(callback, milliseconds / SIM.speed);
};
global.setInterval = (callback, milliseconds) => realInterval(callback, milliseconds / SIM.speed);

// Time that stands still. `now` is seconds since SIM.unix, whatever the board has set its counter to.
var STEP = { now: 0, timers: [], last: 0, live: false, from: 0, seen: 0, mail: 0x10000020 };
function stepNow() {
  return STEP.live ? STEP.now + realTime() - STEP.from : STEP.now;
}
function firstTimer() {
  var first;
  STEP.timers.forEach((timer) => {
    if (!first || timer.due < first.due) first = timer;
  });
  return first;
}
/** What it throws is reported; and how long it takes, when it says HELLO or works on flash. */
function runTimer(timer) {
  var ops = STAND.ops;
  var said = STAND.said;
  var from = realTime();
  try {
    timer.run();
  } catch (e) {
    report({ t: 'trouble', at: getTime(), what: e.toString() });
  }
  if (STAND.ops !== ops) STAND.sealing = realTime() - from;
  else if (STAND.said !== said) STAND.saying = realTime() - from;
}
function runUntil(to) {
  var timer = firstTimer();
  while (timer && timer.due <= to) {
    STEP.timers.splice(STEP.timers.indexOf(timer), 1);
    if (!STEP.live) STEP.now = Math.max(STEP.now, timer.due);
    runTimer(timer);
    timer = firstTimer();
  }
  if (!STEP.live) STEP.now = Math.max(STEP.now, to);
}
function stepped() {
  var timer = firstTimer();
  // Whole milliseconds: fractions would lose their last digits on the way.
  report({ t: 'stepped', now: Math.round(stepNow() * 1000), next: timer ? Math.ceil(timer.due * 1000) : -1 });
}
if (SIM.speed === 0) {
  global.getTime = () => SIM.unix + shift + stepNow();
  global.setTimeout = (callback, milliseconds) => {
    if (typeof callback === 'string') return startImage(callback, milliseconds);
    // The microsecond keeps rounding from ending the wait early.
    STEP.timers.push({ id: ++STEP.last, due: stepNow() + milliseconds / 1000 + 1e-6, run: callback });
    return STEP.last;
  };
  global.clearTimeout = (id) => {
    STEP.timers = STEP.timers.filter((timer) => timer.id !== id);
  };
  global.setInterval = realInterval;
  // The Linux build looks at its input every 50 ms, which is long for somebody who makes a thousand steps: commands come
  // through a file of Storage too. It is the first one: number u8, three bytes free, length u32, JSON.
  realInterval(() => {
    if (STEP.live) runUntil(stepNow());
    if (realFlash.read(1, STEP.mail)[0] === STEP.seen) return;
    var head = realFlash.read(8, STEP.mail);
    STEP.seen = head[0];
    command(E.toString(realFlash.read(head[4] | (head[5] << 8), STEP.mail + 8)));
  }, 2);
}

// Memory: the most that was ever used, looked at where the firmware is busiest.
function sample() {
  if (SIM.sample) STAND.peak = Math.max(STAND.peak, process.memory().usage);
}

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
    sample();
    if (SIM.log) report({ t: 'op', at: getTime(), n: STAND.ops + 1, address: address, data: btoa(data) });
    realFlash.write(data, address);
    cutHere();
  },
  erasePage: (address) => {
    if (SIM.log) report({ t: 'op', at: getTime(), n: STAND.ops + 1, address: address });
    realFlash.erasePage(address);
    cutHere();
  },
};
var LIBRARIES = { Flash: FLASH };
if (SIM.sample) {
  var realSha256 = realRequire('crypto').SHA256;
  LIBRARIES.crypto = {
    SHA256: (data) => {
      sample();
      return realSha256(data);
    },
  };
}
global.require = (name) => LIBRARIES[name] || realRequire(name);

// The radio: adverts leave, sightings arrive. Under a connection it says what may be said there, and nobody else connects.
var NRF = {
  setAdvertising: (data, options) => {
    STAND.payload = E.toUint8Array(data);
    STAND.options = options;
    STAND.said++;
    if (STAND.awake) NRF.tell();
  },
  tell: () => {
    if (STAND.connected && !STAND.options.whenConnected) {
      report({ t: 'silent', at: getTime() });
      return;
    }
    report({
      t: 'advert',
      at: getTime(),
      address: STAND.address,
      data: [].slice.call(STAND.payload),
      interval: STAND.options.interval,
      connectable: STAND.options.connectable && !STAND.connected,
      scannable: STAND.options.scannable,
    });
  },
  // It takes effect while something is said that may be answered, until that is said anew.
  setScanResponse: (data) => {
    if (data && (!STAND.awake || !STAND.options.scannable)) throw new Error('INVALID_STATE');
    if (data) report({ t: 'response', at: getTime(), data: [].slice.call(data) });
  },
  disconnect: () => {
    if (!STAND.connected) return;
    STAND.connected = false;
    report({ t: 'disconnected', at: getTime() });
    setTimeout(() => {
      if (STAND.awake) NRF.tell();
      STAND.ondisconnect();
    }, 1);
  },
  setAddress: (address) => {
    STAND.scan = null;
    STAND.address = address;
  },
  setTxPower: (power) => {
    STAND.power = power;
  },
  setScan: (callback, options) => {
    if (STAND.scan) report({ t: 'unscan', at: getTime() });
    STAND.scan = callback || null;
    if (callback) report({ t: 'scan', at: getTime(), window: options.window });
    if (callback && STAND.around > 0) setTimeout(crowd, 1);
  },
  on: (event, callback) => {
    STAND['on' + event] = callback;
  },
  sleep: () => {
    if (STAND.awake) report({ t: 'silent', at: getTime() });
    STAND.awake = false;
    NRF.disconnect();
  },
  wake: () => {
    STAND.awake = true;
    if (STAND.payload) NRF.tell();
  },
};

// The Nordic UART Service: packets arrive as commands and leave as reports, both in base64. Without it in SIM there is none.
if (SIM.bluetooth)
  global.Bluetooth = {
    on: (event, receive) => {
      STAND.packet = receive;
    },
    write: (data) => {
      sample();
      report({ t: 'packets', at: getTime(), connected: STAND.connected, data: btoa(data) });
    },
  };

/** Adverts of so many others, as this board would say them: only the identifier differs. */
function crowd() {
  if (!STAND.payload || !STAND.scan) return;
  for (var i = 0; i < STAND.around; i++) {
    var data = new Uint8Array(STAND.payload);
    data[12] = STAND.company;
    data[13] = i >> 8;
    data[14] = i;
    if (STAND.scan) STAND.scan({ rssi: -60 + (i % 20), data: data.buffer });
    STAND.heard++;
  }
  sample();
}

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
var Bangle = {
  setOptions: () => {},
  setLCDPower: () => {},
  isCharging: () => false,
  on: (event, callback) => {
    STAND.charging = callback;
  },
};
// A screen that keeps nothing: the watch's own is not among its variables either.
var g = Graphics.createCallback(176, 176, 1, { setPixel: () => {}, fillRect: () => {} });

var control = '';
var COMMANDS = {
  heard: (m) => {
    var data = new Uint8Array(m.data);
    STAND.heard++;
    if (STAND.scan) STAND.scan({ rssi: m.rssi, data: data.buffer });
  },
  // Runs what is due up to `to`, ms since SIM.unix; on the way hears each [ms, RSSI, base64] of `heard` at its time.
  step: (m) => {
    m.heard.forEach((h) => {
      runUntil(h[0] / 1000);
      STAND.heard++;
      if (STAND.scan) STAND.scan({ rssi: h[1], data: E.toUint8Array(atob(h[2])).buffer });
    });
    runUntil(m.to / 1000);
    stepped();
  },
  // Time runs with real time, or stands still again, at `to` at the earliest.
  live: (m) => {
    if (STEP.live) STEP.now = stepNow();
    STEP.live = m.on;
    STEP.from = realTime();
    if (!m.on) STEP.now = Math.max(STEP.now, m.to / 1000);
    stepped();
  },
  press: (m) => {
    if (STAND.press) STAND.press({ state: false, time: m.seconds, lastTime: 0 });
  },
  /** A counter connects, if it may; it sends packets; it goes away. */
  connect: () => {
    if (STAND.awake && STAND.options.connectable && !STAND.connected) {
      STAND.connected = true;
      STAND.onconnect();
    }
    report({ t: 'connected', at: getTime(), is: STAND.connected });
  },
  packets: (m) => {
    sample();
    STAND.packet(atob(m.data));
  },
  disconnect: () => {
    NRF.disconnect();
  },
  charging: (m) => {
    STAND.charging(m.is);
  },
  memory: () => {
    var memory = process.memory();
    report({ t: 'memory', usage: memory.usage, own: own, peak: STAND.peak, total: memory.total, ops: STAND.ops });
    STAND.peak = 0;
  },
  tally: () => {
    report({ t: 'tally', at: getTime(), heard: STAND.heard });
  },
  /** Real seconds that things take: 1000 turns of an empty loop, hearing an advert, saying HELLO, sealing an epoch. */
  timing: () => {
    SIM.sample = false;
    var from = realTime();
    for (var i = 0; i < 1000; i++);
    var loop = realTime() - from;
    STAND.around = 0;
    while (!STAND.scan) runUntil(STEP.now + 0.2);
    STAND.around = 50;
    from = realTime();
    crowd();
    var heard = (realTime() - from) / 50;
    STAND.around = 0;
    runUntil(STEP.now + 930);
    report({ t: 'timing', at: getTime(), loop: loop, heard: heard, hello: STAND.saying, epoch: STAND.sealing });
  },
  /** At speed 0: so many seconds pass, every timer at its moment. */
  pass: (m) => {
    runUntil(STEP.now + m.seconds);
    report({ t: 'passed', at: getTime() });
  },
  /** At speed 0: so many seconds are jumped over; timers that fell due run late, once. */
  leap: (m) => {
    STEP.now += m.seconds;
    runUntil(STEP.now);
    report({ t: 'passed', at: getTime() });
  },
  /** So many epochs, of which little is lived but what counts: two encounters with who is around, and the sealing. */
  epochs: (m) => {
    for (var i = 0; i < m.count; i++) {
      STEP.now += 450;
      runUntil(STEP.now);
      runUntil(STEP.now + 0.01);
      STEP.now += 438.99;
      runUntil(STEP.now);
      runUntil(STEP.now + 11);
    }
    report({ t: 'passed', at: getTime() });
  },
  /** Who is near from now on: `count` others, in a company of which each has its own identifiers. */
  around: (m) => {
    STAND.around = m.count;
    STAND.company = m.company;
    report({ t: 'around', at: getTime() });
  },
  battery: (m) => {
    SIM.battery = m.percent;
  },
  cut: (m) => {
    SIM.cut = STAND.ops + m.after;
  },
};
// Hostile bytes, made here from a seed, because the serial line is slow.
function draw(limit) {
  var x = STAND.dice;
  x ^= x << 13;
  x ^= x >>> 17;
  x ^= x << 5;
  STAND.dice = x | 0;
  return (x >>> 1) % limit;
}
function randomBytes(length) {
  var out = new Uint8Array(length);
  for (var i = 0; i < length; i++) out[i] = draw(256);
  return out;
}
/** A few bytes of a valid one changed, or its end cut off. */
function mutated(valid) {
  var out = new Uint8Array(draw(4) ? valid : valid.subarray(0, draw(valid.length)));
  for (var n = draw(4); n >= 0 && out.length; n--) out[draw(out.length)] = draw(256);
  return out;
}
COMMANDS.hostileAdverts = (m) => {
  STAND.dice = m.seed | 1;
  var taken = 0;
  for (var i = 0; i < m.count && STAND.scan; i++) {
    var data = draw(3) ? mutated(STAND.payload) : randomBytes(draw(32));
    STAND.scan({ rssi: draw(256) - 128, data: data.buffer });
    taken++;
  }
  report({ t: 'hostile', at: getTime(), taken: taken });
};
/** Frames of `m.frames` (base64) changed, or random ones, as lines; half with a right checksum for `m.session` (its name). */
COMMANDS.hostileFrames = (m) => {
  STAND.dice = m.seed | 1;
  STAND.session = E.toUint8Array(atob(m.session));
  STAND.mute = true;
  for (var i = 0; i < m.count; i++) {
    var frame = draw(3) ? mutated(E.toUint8Array(atob(m.frames[draw(m.frames.length)]))) : randomBytes(4 + draw(40));
    if (frame.length > 8 && draw(2)) {
      var body = frame.subarray(0, frame.length - 4);
      // An OPEN is summed without the session's name, and gives the next one.
      var sum = E.CRC32(frame[0] === 1 ? body : E.toUint8Array([STAND.session, body]));
      for (var b = 0; b < 4; b++) frame[body.length + b] = sum >>> (24 - 8 * b);
      if (frame[0] === 1) STAND.session = new Uint8Array(frame.subarray(4, 8));
    }
    STAND.receive(draw(8) ? btoa(frame) + '\n' : E.toString(frame) + '');
  }
  STAND.mute = false;
  report({ t: 'hostile', at: getTime(), taken: m.count });
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
  sample();
  control += data;
  var end = control.indexOf('\n');
  while (end >= 0) {
    if (control[0] === '{') command(control.substr(0, end));
    control = control.substr(end + 1);
    end = control.indexOf('\n');
  }
  if (control.length > 600) control = '';
});

// The firmware's own ear for the serial line, and its mouth, which tests of hostile input close.
var realOn = USB.on;
var realWrite = USB.write;
USB.on = (event, receive) => {
  STAND.receive = receive;
  realOn.call(USB, event, receive);
};
USB.write = (data) => {
  if (!STAND.mute) realWrite.call(USB, data);
};
COMMANDS.globals = () => {
  report({ t: 'globals', at: getTime(), names: Object.keys(global).sort() });
};

var own = process.memory().usage - before;
