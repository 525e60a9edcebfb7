// Stands in for the parts of a Puck.js that the interpreter's Linux build lacks, in as little memory as can be. It is run
// from outside Storage, which the firmware needs whole; SIM is put in front of it: {unix, speed, seed, cut, own}. Control
// lines and reports are those of stand-in.js.
var S = { n: 0, x: SIM.seed | 1 };
var tell = (m) => {
  USB.write(JSON.stringify(m) + '\n');
};
(() => {
  var time = getTime;
  var wait = setTimeout;
  var every = setInterval;
  var zero = time();
  global.getTime = () => SIM.unix + (time() - zero) * SIM.speed;
  global.setTime = (s) => {
    SIM.unix += s - getTime();
  };
  global.setTimeout = (f, ms) => wait(f, ms / SIM.speed);
  global.setInterval = (f, ms) => every(f, ms / SIM.speed);
  var load = require;
  var lib = load('Flash');
  var op = () => {
    if (++S.n === SIM.cut) E.reboot();
  };
  var flash = {
    getPage: lib.getPage,
    read: lib.read,
    write: (d, a) => {
      lib.write(d, a);
      op();
    },
    erasePage: (a) => {
      lib.erasePage(a);
      op();
    },
  };
  global.require = (n) => (n === 'Flash' ? flash : load(n));
})();
E.hwRand = () => {
  var x = S.x;
  x ^= x << 13;
  x ^= x >>> 17;
  x ^= x << 5;
  return (S.x = x | 0);
};
E.getBattery = () => 80;
E.enableWatchdog = () => {};
E.kickWatchdog = E.enableWatchdog;
var BTN1 = 1;
var LED1 = { write: E.enableWatchdog };
var LED2 = LED1;
var LED3 = LED1;
global.setWatch = (f) => {
  S.w = f;
};
var NRF = {
  setAdvertising: (d, o) => {
    S.d = E.toUint8Array(d);
    S.o = o;
    if (S.a) NRF.wake();
  },
  setAddress: (a) => {
    S.t = a;
  },
  setScan: (f) => {
    S.s = f;
  },
  setScanResponse: (d) => {
    if (d) tell({ t: 'response', data: [].slice.call(d) });
  },
  disconnect: () => {
    if (!S.c) return;
    S.c = 0;
    S.disconnect();
    tell({ t: 'disconnected' });
  },
  on: (e, f) => {
    S[e] = f;
  },
  setTxPower: E.enableWatchdog,
  sleep: () => {
    S.a = 0;
    NRF.disconnect();
  },
  wake: () => {
    S.a = 1;
    if (S.c && !S.o.whenConnected) return;
    tell({ t: 'advert', at: getTime(), address: S.t, data: [].slice.call(S.d), connectable: S.o.connectable && !S.c });
  },
};
// Packets arrive and leave as lines of a mark and base64, whether anybody is connected or not: JSON would take memory that
// the board does not need.
var Bluetooth = {
  on: (e, f) => {
    S.p = f;
  },
  write: (d) => {
    // An end beyond that of the array is not cut off here.
    for (var i = 0; i < d.length; i += 48) USB.write('!' + btoa(d.subarray(i, Math.min(i + 48, d.length))) + '\n');
  },
};
var line = '';
USB.on('data', (d) => {
  line += d;
  var i = line.indexOf('\n');
  while (i >= 0) {
    if (line[0] === '{') {
      var m = JSON.parse(line.substr(0, i));
      if (m.t === 'heard' && S.s) S.s({ rssi: m.rssi, data: new Uint8Array(m.data).buffer });
      if (m.t === 'disconnect') NRF.disconnect();
      if (m.t === 'connect') {
        if (S.a && S.o.connectable && !S.c) {
          S.c = 1;
          S.connect();
        }
        tell({ t: 'connected', is: !!S.c });
      }
      if (m.t === 'press') S.w({ state: false, time: m.seconds, lastTime: 0 });
      if (m.t === 'memory')
        tell({
          t: 'memory',
          usage: process.memory().usage,
          own: S.own,
          total: process.memory().total,
          ops: S.n,
        });
    }
    var packet = line[0] === '!' ? atob(line.substr(1, i - 1)) : '';
    line = line.substr(i + 1);
    if (packet.length) S.p(packet);
    i = line.indexOf('\n');
  }
  if (line.length > 600) line = '';
});
setTimeout(() => {
  S.b = [];
  while (process.memory().usage < SIM.own) S.b.push(0);
  S.own = process.memory().usage;
  eval(require('Storage').read('galet'));
}, 0);
