import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigInput } from '../../src/config.ts';
import type { Clock } from '../../src/domain/clock.ts';
import { type ServiceUnderTest, serviceUnderTest } from '../service-under-test.ts';

/** A service on the data folder of another one, as after a restart; with this admin token if one is given. */
export async function createServiceAgain(
  { folder, close }: ServiceUnderTest,
  settings: ConfigInput,
  clock: Clock,
  adminToken?: string,
): Promise<ServiceUnderTest> {
  await close();
  if (adminToken) writeFileSync(join(folder, 'admin-token'), adminToken);
  return serviceUnderTest({ ...settings, data_dir: folder }, clock);
}
