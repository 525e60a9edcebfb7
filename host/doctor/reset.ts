/**
 * Asks whatever is at a port the one question that every Bluetooth controller answers, over H4 (Bluetooth Core
 * Specification, vol 4 part A, section 2; part E, section 7.3.2):
 *
 *   HCI_Reset: 01 03 0c 00        its answer, Command Complete: 04 0e 04 | credits | 03 0c | status
 */
import type { BytePipe } from '../link/serial.js';

const RESET = Uint8Array.of(0x01, 0x03, 0x0c, 0x00);
const ANSWER_HEAD = [0x04, 0x0e, 0x04];
const OPCODE = [0x03, 0x0c];
const CREDITS_AT = 3;
const STATUS_AT = 6;
const ANSWER_BYTES = 7;

const PATIENCE_MILLISECONDS = 2000;
/** A port that only talks is no controller. */
const HEARD_MAX = 4096;

/** The status in a Command Complete of HCI_Reset, anywhere in what was heard; undefined while there is none. */
function resetStatus(heard: Uint8Array): number | undefined {
  for (let at = 0; at + ANSWER_BYTES <= heard.length; at++) {
    const isAnswer =
      ANSWER_HEAD.every((byte, index) => heard[at + index] === byte) &&
      OPCODE.every((byte, index) => heard[at + CREDITS_AT + 1 + index] === byte);
    if (isAnswer) return heard[at + STATUS_AT];
  }
  return undefined;
}

/** Resets the controller at a port, and closes the port. 'silent': no answer in two seconds; 'refused': another one. */
export async function askReset(port: BytePipe): Promise<'done' | 'refused' | 'silent'> {
  let patience: NodeJS.Timeout | undefined;
  const answer = new Promise<'done' | 'refused' | 'silent'>((resolve) => {
    let heard: Uint8Array = new Uint8Array(0);
    patience = setTimeout(() => resolve('silent'), PATIENCE_MILLISECONDS);
    port.listen(
      (bytes) => {
        heard = new Uint8Array(Buffer.concat([heard, bytes])).subarray(-HEARD_MAX);
        const status = resetStatus(heard);
        if (status !== undefined) resolve(status === 0 ? 'done' : 'refused');
      },
      () => resolve('silent'),
    );
  });
  try {
    port.write(RESET);
    return await answer;
  } finally {
    clearTimeout(patience);
    await port.close();
  }
}
