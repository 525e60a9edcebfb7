/**
 * A Bluetooth controller as the Core Specification has it (vol 4 part E, section 7.8): it takes commands one after the other, refuses
 * those that its state does not allow, answers when it likes, and stops a connectable advert when somebody connects.
 */
import { type HciListener, readPacket } from '../../../device/boards/linux/hci.js';
import { eventPacket } from '../../../tools/air/h4.js';
import { BoardClock, Timeline } from '../../../tools/simulate/timeline.js';

const DISALLOWED = 0x0c;
const INVALID_PARAMETERS = 0x12;
const COMMAND_COMPLETE = 0x0e;

/** How the controller treats a command: seconds until it is carried out, from then until the answer, or none. */
export interface Treatment {
  delay: number;
  answer: number | 'never';
  /** Of a command that it refuses for no reason; 0 for one that it takes if it may. */
  refusal: number;
}

export const PROMPT: Treatment = { delay: 0.001, answer: 0.001, refusal: 0 };

/** What is on the air. */
export interface OnAir {
  /** Hexadecimal digits, most significant byte first. */
  address: string;
  data: string;
  type: number;
}

export class SimulatedController {
  readonly timeline = new Timeline(1000, () => 0);
  readonly clock = new BoardClock(this.timeline, 0);
  readonly refused: number[] = [];
  address: string | undefined;
  type = 0;
  data = '';
  response = '';
  isAdvertising = false;
  isScanning = false;
  handle: number | undefined;
  listener: HciListener | undefined;
  /** Told each command as it is sent. */
  onCommand: (opcode: number, parameters: Buffer) => void = () => {};
  /** Told after each change. */
  onChange: () => void = () => {};
  private treatments: Treatment[] = [];
  private carriedOutAt = 0;
  private answeredAt = 0;

  /** What it does with the commands to come, in turn; none left: it is prompt. */
  treat(treatments: readonly Treatment[]): void {
    this.treatments = [...treatments];
  }

  readonly send = (packet: Uint8Array): void => {
    const bytes = Buffer.from(packet);
    const opcode = bytes.readUInt16LE(1);
    const parameters = bytes.subarray(4, 4 + bytes.readUInt8(3));
    this.onCommand(opcode, parameters);
    const treatment = this.treatments.shift() ?? PROMPT;
    this.carriedOutAt = Math.max(this.timeline.now(), this.carriedOutAt) + treatment.delay;
    this.timeline.at(this.carriedOutAt, () => {
      const status =
        treatment.refusal !== 0 && parameters[0] !== 0 ? treatment.refusal : this.carryOut(opcode, parameters);
      if (status !== 0) this.refused.push(status);
      this.onChange();
      if (treatment.answer === 'never') return;
      this.answeredAt = Math.max(this.answeredAt, this.timeline.now() + treatment.answer);
      const event = eventPacket(COMMAND_COMPLETE, Buffer.from([1, opcode & 0xff, opcode >> 8, status]));
      this.timeline.at(this.answeredAt, () => this.tell(event));
    });
  };

  private tell(packet: Uint8Array): void {
    if (this.listener) readPacket(packet, this.listener);
  }

  private carryOut(opcode: number, parameters: Buffer): number {
    switch (opcode) {
      case 0x2005:
        if (this.isAdvertising || this.isScanning) return DISALLOWED;
        this.address = Buffer.from(parameters).reverse().toString('hex');
        return 0;
      case 0x2006:
        if (this.isAdvertising) return DISALLOWED;
        this.type = parameters.readUInt8(4);
        return 0;
      case 0x2008:
        this.data = parameters.subarray(1, 1 + parameters.readUInt8(0)).toString('hex');
        return 0;
      case 0x2009:
        this.response = parameters.subarray(1, 1 + parameters.readUInt8(0)).toString('hex');
        return 0;
      case 0x200a:
        if (parameters[0] === 1 && this.address === undefined) return INVALID_PARAMETERS;
        this.isAdvertising = parameters[0] === 1;
        return 0;
      case 0x200b:
        return this.isScanning ? DISALLOWED : 0;
      case 0x200c:
        this.isScanning = parameters[0] === 1;
        return 0;
      default:
        return 0;
    }
  }

  get onAir(): OnAir | undefined {
    if (!this.isAdvertising) return undefined;
    return { address: this.address ?? '', data: this.data, type: this.type };
  }

  /** A peer connects; false when nothing connectable is on the air. */
  connect(handle: number): boolean {
    if (!this.isAdvertising || this.type !== 0 || this.handle !== undefined) return false;
    this.isAdvertising = false;
    this.handle = handle;
    const connection = [1, 0, handle & 0xff, handle >> 8, 1, 1, 1, 2, 3, 4, 5, 6, 24, 0, 0, 0, 200, 0, 0];
    this.tell(eventPacket(0x3e, Uint8Array.from(connection)));
    this.onChange();
    return true;
  }

  disconnect(): void {
    if (this.handle === undefined) return;
    const event = eventPacket(0x05, Uint8Array.of(0, this.handle & 0xff, this.handle >> 8, 0x13));
    this.handle = undefined;
    this.tell(event);
  }

  /** Somebody's advert reaches the antenna. */
  hear(type: number, data: Uint8Array, rssi: number): void {
    if (!this.isScanning) return;
    const report = [2, 1, type, 1, 9, 9, 9, 9, 9, 9, data.length, ...data, rssi & 0xff];
    this.tell(eventPacket(0x3e, Uint8Array.from(report)));
  }

  pass(seconds: number): void {
    this.timeline.advance(this.timeline.now() + seconds);
  }
}
