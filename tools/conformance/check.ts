/** Collects what differs between our code and the reference in one case. */
import { hexOf } from './fields.js';

/** Largest difference between doubles of two maths libraries. */
const TOLERANCE = 1e-9;
const SHOWN = 80;

export class Check {
  readonly differences: string[] = [];

  /** Compares values as JSON; bytes compare with their hexadecimal text. */
  same(name: string, ours: unknown, theirs: unknown): void {
    const left = show(ours);
    const right = show(theirs);
    if (left !== right) this.note(name, `ours ${cut(left)}, reference ${cut(right)}`);
  }

  /** Compares doubles, with an absolute tolerance. */
  near(name: string, ours: number, theirs: number): void {
    if (!(Math.abs(ours - theirs) <= TOLERANCE)) this.note(name, `ours ${ours}, reference ${theirs}`);
  }

  /** Notes a difference unless `holds`. */
  holds(name: string, holds: boolean, otherwise: string): void {
    if (!holds) this.note(name, otherwise);
  }

  note(name: string, what: string): void {
    this.differences.push(`${name}: ${what}`);
  }
}

function show(value: unknown): string {
  return value instanceof Uint8Array ? JSON.stringify(hexOf(value)) : (JSON.stringify(value) ?? 'nothing');
}

function cut(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
