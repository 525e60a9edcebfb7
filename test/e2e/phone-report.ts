/** A StopCovid-like phone reports, with the patience of an application: until the server says yes or knows the code as used. */
import { systemClock } from '../../host/clock.js';
import { call, Phone } from '../backend/robert/phone.js';
import type { Bench } from './bench.js';
import { until } from './process.js';

const EPOCH = 900;

export interface PublicParameters {
  serviceStart: number;
  registrationKey: string;
}

export async function parametersOf(backendUrl: string): Promise<PublicParameters> {
  return (await (await fetch(`${backendUrl}/galet/v1/parameters`)).json()) as PublicParameters;
}

export async function registeredPhone(backendUrl: string): Promise<Phone> {
  const { registrationKey } = await parametersOf(backendUrl);
  const phone = new Phone(backendUrl, Buffer.from(registrationKey, 'base64'));
  const { status } = await phone.register();
  if (status !== 201) throw new Error(`register: ${status}`);
  return phone;
}

/** Two phones were together in the running epoch; one reports the other under a code, until that has been accepted. */
export async function phoneReport(bench: Bench): Promise<void> {
  const url = bench.house.backendUrl;
  const { serviceStart } = await parametersOf(url);
  const other = await registeredPhone(url);
  const now = systemClock();
  const epoch = Math.floor((now - serviceStart) / EPOCH);
  const contacts = [other.heard(epoch, serviceStart + epoch * EPOCH, 600, 5, -45)];
  const token = await bench.issueCode();
  await until('an accepted report', async () => {
    await bench.up();
    const reply = await call(url, 'POST', '/report', { token, contacts }).catch(() => undefined);
    // A repeated report is refused as its code has been used: that, too, says that it has arrived.
    return reply?.status === 200 || reply?.status === 401;
  });
}
