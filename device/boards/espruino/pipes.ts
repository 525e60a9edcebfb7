/** The pipes that a board may have; those that it lacks are undefined globals. */
export function knownPipes(): EspruinoPipe[] {
  const pipes: EspruinoPipe[] = [];
  if (typeof USB !== 'undefined') pipes.push(USB);
  if (typeof Bluetooth !== 'undefined') pipes.push(Bluetooth);
  return pipes;
}
