/** Looks at everything that Galet needs of a computer, in the order in which a person would repair it. */
import { checkBluetooth } from './bluetooth.js';
import { type Finding, fine, notNeeded } from './findings.js';
import { checkClock, checkModules, checkNode } from './installation.js';
import { checkPorts } from './ports.js';
import type { Question } from './question.js';
import type { System } from './system.js';

/** A remark only: the counter's service may well be on another computer, or not started yet. */
async function checkKiosk(system: System, { kiosk: url }: Question): Promise<Finding> {
  try {
    await system.callKiosk(url);
    return fine('kiosk', 'kioskAnswers', { url });
  } catch {
    return notNeeded('kiosk', 'kioskSilent', { url });
  }
}

/** Changes nothing but a controller at a port that was named, which it resets. */
export async function examine(system: System, question: Question): Promise<Finding[]> {
  return [
    checkNode(system),
    ...(await checkModules(system, question)),
    checkClock(system),
    ...(await checkBluetooth(system, question)),
    ...(await checkPorts(system, question)),
    await checkKiosk(system, question),
  ];
}
