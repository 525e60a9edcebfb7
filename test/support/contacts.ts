import type { Neighbours } from '../../device/log/neighbours.js';
import type { Contact } from '../../device/log/record.js';

/** Takes all contacts first heard before `before` out of a table of neighbours. */
export function contactsOf(table: Neighbours, before: number): Contact[] {
  const found: Contact[] = [];
  table.take(before, (contact) => found.push(contact) > 0);
  return found;
}
