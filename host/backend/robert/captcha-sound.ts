/** Plays the digits of a captcha as groups of beeps to count, for those who cannot see the picture: a WAV file. */
const RATE = 8000;
const TONE_HERTZ = 660;
const BEEP_SECONDS = 0.15;
const GAP_SECONDS = 0.15;
const PAUSE_SECONDS = 1;
const SILENCE = 128;
const LOUDNESS = 90;

export function playSound(digits: Uint8Array): Buffer {
  const pause = Buffer.alloc(RATE * PAUSE_SECONDS, SILENCE);
  const gap = Buffer.alloc(RATE * GAP_SECONDS, SILENCE);
  const beep = Buffer.from(
    Array.from({ length: RATE * BEEP_SECONDS }, (_, i) =>
      Math.round(SILENCE + LOUDNESS * Math.sin((2 * Math.PI * TONE_HERTZ * i) / RATE)),
    ),
  );
  const parts: Buffer[] = [];
  for (const digit of digits) {
    parts.push(pause);
    for (let i = 0; i < digit; i++) parts.push(beep, gap);
  }
  return wav(Buffer.concat(parts));
}

/** One channel of unsigned eight-bit samples. */
function wav(samples: Buffer): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + samples.length, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(RATE, 24);
  header.writeUInt32LE(RATE, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}
