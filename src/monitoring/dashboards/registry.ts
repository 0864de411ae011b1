import type { DashboardDeclaration } from './dashboard-declaration.ts';
import { improvements } from './improvements.ts';
import { pipeline } from './pipeline.ts';
import { self } from './self.ts';
import { usage } from './usage.ts';
import { variants } from './variants.ts';

/** Every dashboard, in the order in which they are listed. */
export const dashboardDeclarations: readonly DashboardDeclaration[] = [
  pipeline,
  usage,
  variants,
  improvements,
  self,
];
